/** The keys that Baton reads out of a body of any command, known or not. Absent or oddly typed fields count as not there. */
export interface EventKeys {
  /** GroupId, or the part of TopicId before `@TOPIC#_`. */
  groupId: string | undefined
  /** ms since 1970. */
  eventTime: number | null
  orderingKey: string
}

export function eventKeysOf (body: object): EventKeys {
  const text = (name: string): string | undefined => {
    const value: unknown = Reflect.get(body, name)
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const groupId = text('GroupId') ?? communityOf(text('TopicId'))
  return {
    groupId,
    eventTime: eventTimeOf(Reflect.get(body, 'EventTime')),
    orderingKey: groupId ?? text('Operator_Account') ?? text('From_Account') ?? ''
  }
}

const communityOf = (topicId: string | undefined): string | undefined => {
  const end = topicId?.indexOf('@TOPIC#_') ?? -1
  return end > 0 ? topicId?.slice(0, end) : undefined
}

/** EventTime comes as a number or as digits in a string. */
function eventTimeOf (value: unknown): number | null {
  const time = typeof value === 'number' ? value : typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : NaN
  return Number.isSafeInteger(time) && time >= 0 && time <= 999_999_999_999_999 ? time : null
}
