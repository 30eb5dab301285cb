import type { RefusalKindWith } from '@baton/contracts'

/** Unfit callbacks and wrongly signed ones are kept apart: a stranger's flood must not push out what is wanted. */
export type QuarantineName = 'quarantine' | 'quarantine-unsigned'

/** The quarantine that a callback refused for this reason goes to; of those refused for other reasons nothing is kept. */
export const quarantineOf = {
  'sign-missing': 'quarantine-unsigned',
  'sign-wrong': 'quarantine-unsigned',
  'sign-stale': 'quarantine-unsigned',
  'not-json-object': 'quarantine',
  'commands-differ': 'quarantine',
  'no-command': 'quarantine',
  'unfit-field': 'quarantine'
} as const satisfies Record<RefusalKindWith<400 | 401>, QuarantineName>

export type QuarantinedKind = keyof typeof quarantineOf

export const isQuarantinedKind = (kind: string): kind is QuarantinedKind => Object.hasOwn(quarantineOf, kind)

/** How much is kept; the oldest gives way first. */
export interface QuarantineBounds {
  entries: number
  /** Of everything that is stored of the entries. */
  bytes: number
}

export const quarantineBounds: Readonly<Record<QuarantineName, QuarantineBounds>> = {
  quarantine: { entries: 10_000, bytes: 64 * 1_048_576 },
  'quarantine-unsigned': { entries: 10_000, bytes: 16 * 1_048_576 }
}

/** A callback that was not relayed but may be wanted. */
export interface Quarantined {
  /** Why. */
  kind: QuarantinedKind
  /** SDKAppID. */
  app: number
  /** What was wrong and how to mend it, as it was answered. */
  info: string
  command: string | undefined
  /** The query string as received, without `Sign` and without the leading `?`. */
  query: string
  /** ms since 1970. */
  receivedAt: number
  /** The bytes as received, whatever they are. */
  body: Uint8Array
}
