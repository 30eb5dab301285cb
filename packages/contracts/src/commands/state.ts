import { command } from '../command-entry.ts'
import { account, common, list, object, optional, read, text } from '../fields.ts'

export const stateCommands = {
  'State.StateChange': command({
    title: 'After a user comes online or goes offline',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34357',
    remark: 'The user stands in `Info`. A client that vanishes is noticed by its missing heartbeat: after 60 s or so on the web, 400 s elsewhere. ' +
      'The query parameter `OptPlatform` says `IOS` here, and `iOS` everywhere else.',
    orderingKey: ['Info.To_Account'],
    body: object({
      ...common,
      Info: read(object({
        Action: text('Login, Logout or Disconnect'),
        To_Account: read(account('the user')),
        Reason: text('Register for a login, Unregister for a logout, LinkClose or TimeOut for a disconnect; older servers give the latter two for a logout')
      }, 'what happened, and to whom')),
      KickedDevice: optional(list(object({ Platform: optional(text('iOS, Android, Web, Windows, iPad, Mac or Linux')) }), 'where a login ended the sessions of other devices'))
    })
  })
}
