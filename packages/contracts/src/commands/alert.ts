import { command } from '../command-entry.ts'
import { common, integer, object, text } from '../fields.ts'

export const alertCommands = {
  'Alert.RequestOverLimit': command({
    title: 'When calls of the REST API near their rate limit',
    documentation: 'https://www.tencentcloud.com/document/product/1047/60256',
    remark: 'Comes from 80 % of the limit on. It cannot be switched off.',
    body: object({
      ...common,
      ServiceName: text('service of the REST API, such as openim'),
      Command: text('command of the REST API, such as batchsendmsg'),
      Request: integer('calls a second'),
      Limit: integer('calls a second that are allowed')
    })
  })
}
