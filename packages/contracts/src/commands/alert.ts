import { command } from '../command-entry.ts'
import { common, integer, object, text } from '../fields.ts'

export const alertCommands = {
  'Alert.RequestOverLimit': command({
    title: 'REST API over-frequency alarm',
    documentation: 'https://www.tencentcloud.com/document/product/1047/60256',
    body: object({
      ...common,
      ServiceName: text('REST service, e.g. openim'),
      Command: text('REST command, e.g. batchsendmsg'),
      Request: integer('observed QPS'),
      Limit: integer('allowed QPS')
    })
  })
}
