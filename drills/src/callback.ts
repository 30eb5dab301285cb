import { eventIdOf, examples } from '@baton/contracts'

export const appId = 1400000000
export const command = 'Group.CallbackAfterCreateTopic'
export const query = `SdkAppid=${appId}&CallbackCommand=${command}&contenttype=json&ClientIP=127.0.0.1&OptPlatform=RESTAPI`

/** The nth callback of a run; the same run and number give the same text. */
export function bodyOf (run: string, nth: number, padding: number): string {
  const groupId = `@TGS#_@TGS#c${run}${nth}`
  return JSON.stringify({
    ...examples[command],
    GroupId: groupId,
    TopicId: `${groupId}@TOPIC#_@TOPIC#c${nth}`,
    Name: `topic ${nth}${'.'.repeat(padding)}`,
    EventTime: 1_700_000_000_000 + nth
  })
}

/** The same as bytes. It has an EventTime, so its id is known beforehand. */
export function callbackOf (run: string, nth: number, padding: number): { id: string, body: Buffer } {
  const body = Buffer.from(bodyOf(run, nth, padding))
  return { body, id: eventIdOf({ appId, command, body, hasEventTime: true, requestId: undefined }) }
}
