import type { TObject } from '@sinclair/typebox'

/** What Baton knows of a command. */
export interface CommandEntry<S extends TObject = TObject> {
  title: string
  /** The page that documents it, where there is one. */
  documentation: string | undefined
  body: S
  /**
   * Where the ordering key stands: the first of these that the body has. `A.0.B` is a path, and `A+B` the pair of two accounts in either order.
   * Empty where its events belong to nobody.
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

export const command = <S extends TObject>({ documentation, orderingKey = [], eventTime = usualEventTime, ...rest }: Pick<CommandEntry<S>, 'title' | 'body'> & Partial<CommandEntry<S>>): CommandEntry<S> =>
  ({ ...rest, documentation, orderingKey, eventTime })
