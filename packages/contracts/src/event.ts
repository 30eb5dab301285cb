import type { BodyOf, KnownCommand } from './catalogue.ts'
import type { EventDecision } from './event-decision.ts'

/** An accepted callback. */
export interface Event {
  /** `evt_...`; a repeat of the same callback has the same id wherever it arrives. */
  id: string
  /** SDKAppID. */
  appId: number
  command: string
  /** The query string as received, without `Sign` and without the leading `?`. */
  query: string
  /** ms since 1970, with fractions; strictly increasing in one ingress. */
  receivedAt: number
  /** The body's EventTime in ms since 1970; null where it has none. */
  eventTime: number | null
  /** Events of one key belong together and keep their order where a target asks for it. */
  orderingKey: string
  /** The bytes as received: valid UTF-8, a JSON object. */
  body: Buffer
  /** Of a before-callback, where somebody was asked. */
  decision?: EventDecision
}

/** What stays of a journal's id when the journal is renewed: what comes before the point. */
export const lastingJournalId = (id: string): string => id.replace(/\..*/, '')

/** An event that stands in a journal. */
export interface JournalledEvent extends Event {
  /** Id of the journal; what comes before a point in it stays when the journal is renewed, and so do the numbers. */
  journal: string
  /** Its number there: from 1, without gaps. */
  seq: number
}

/** An event whose body is parsed, for those who write a consumer in TypeScript. Of several commands, `command` tells which body it is. */
export type EventOf<C extends KnownCommand = KnownCommand> = C extends KnownCommand ? Omit<Event, 'command' | 'body'> & { command: C, body: BodyOf<C> } : never
