import type { TObject } from '@sinclair/typebox'

/** What Baton knows of a command. */
export interface CommandEntry<S extends TObject = TObject> {
  /** When it comes: `After a group is created`. */
  title: string
  /** The page that documents it, where there is one. */
  documentation: string | undefined
  /** What else somebody must know who reads its events: whole sentences, in Markdown. */
  remark: string | undefined
  body: S
  /**
   * Where the ordering key stands: the first of these that the body has. `A.0.B` is a path, and `A+B` the pair of two accounts in either order.
   * Empty where its events belong to nobody. What changes the same thing must have the same key: rooms have the one of their room, and of lists of
   * friends, blocks and follows the one of the user whose list it is, since one callback may tell of many others.
   */
  orderingKey: readonly string[]
  /** Where the time of the event stands, and its unit. */
  eventTime: EventTimePlace
}

export interface EventTimePlace {
  field: string
  unit: 'ms' | 's'
}

export const usualEventTime: EventTimePlace = { field: 'EventTime', unit: 'ms' }

/** Where the ordering key of an unknown command stands, and of a known one whose body does not have its own. Of a topic it is the community. */
export const usualOrderingKey: readonly string[] = [
  'GroupId', 'TopicId', 'RoomId', 'RoomInfo.RoomId', 'CallId', 'Official_Account', 'From_Account+To_Account', 'Operator_Account', 'From_Account'
]

export const command = <S extends TObject>({ documentation, remark, orderingKey = [], eventTime = usualEventTime, ...rest }: Pick<CommandEntry<S>, 'title' | 'body'> & Partial<CommandEntry<S>>): CommandEntry<S> =>
  ({ ...rest, documentation, remark, orderingKey, eventTime })
