import { randomUUID } from 'node:crypto'
import { eventIdOf, eventKeysOf, examples, type JournalledEvent, type KnownCommand } from '@baton/contracts'

let events = 0

/** An event as the ingress would have made it; `body` fields override the command's example, and each event is another group's. */
export function anEvent ({ command = 'Group.CallbackAfterCreateGroup', body = {}, ...fields }: { command?: KnownCommand, body?: object } & Partial<Omit<JournalledEvent, 'command' | 'body'>> = {}): JournalledEvent {
  const whole = { ...examples[command], GroupId: `@TGS#${randomUUID()}`, ...body }
  const bytes = Buffer.from(JSON.stringify(whole))
  const { eventTime, orderingKey } = eventKeysOf(command, whole)
  return {
    id: eventIdOf({ appId: 1400000000, command, body: bytes, hasEventTime: eventTime !== null, requestId: undefined }),
    appId: 1400000000,
    command,
    query: `SdkAppid=1400000000&CallbackCommand=${command}&contenttype=json&ClientIP=127.0.0.1&OptPlatform=RESTAPI`,
    receivedAt: Date.now(),
    eventTime,
    orderingKey,
    body: bytes,
    journal: 'jtest',
    seq: ++events,
    ...fields
  }
}
