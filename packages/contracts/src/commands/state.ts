import { command } from '../command-entry.ts'
import { account, common, list, object, optional, read, text } from '../fields.ts'

export const stateCommands = {
  'State.StateChange': command({
    title: 'Status change',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34357',
    orderingKey: ['Info.To_Account'],
    body: object({
      ...common,
      Info: read(object({
        Action: text('Login, Logout or Disconnect'),
        To_Account: read(account()),
        Reason: text('Register, Unregister, LinkClose or TimeOut')
      })),
      KickedDevice: optional(list(object({ Platform: optional(text('iOS, Android, Web, Windows, iPad, Mac or Linux')) }), 'where a login ended the sessions of other devices'))
    })
  })
}
