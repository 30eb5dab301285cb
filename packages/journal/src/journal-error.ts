/** What can be wrong with a journal. Closed. */
export type JournalErrorCode =
  | 'JOURNAL_FULL' // an append was refused, and nothing of it is stored; `reason` says why
  | 'JOURNAL_IN_USE'
  | 'JOURNAL_UNREADABLE' // `seq` names the record, where it is one record that cannot be read
  | 'JOURNAL_UNWRITABLE'
  | 'JOURNAL_BEHIND' // somebody knows of numbers that this journal has not given yet
  | 'JOURNAL_CLOSED'

/** quota: too many bytes await their targets. disk: too little space is free. failed: a commit failed or is stuck. */
export type FullReason = 'quota' | 'disk' | 'failed'

/** The one error class of the journal. The message says what is wrong and what to do next. */
export class JournalError extends Error {
  override readonly name = 'JournalError'
  readonly code: JournalErrorCode
  readonly reason: FullReason | undefined
  readonly seq: number | undefined

  constructor (code: JournalErrorCode, message: string, about: { cause?: unknown, reason?: FullReason, seq?: number } = {}) {
    super(message, 'cause' in about ? { cause: about.cause } : undefined)
    this.code = code
    this.reason = about.reason
    this.seq = about.seq
  }
}

/** The message of any thrown value, for a sentence of our own. */
export const messageOf = (thrown: unknown): string => thrown instanceof Error ? thrown.message : String(thrown)

export const closedError = (folder: string): JournalError => new JournalError('JOURNAL_CLOSED', `The journal in ${folder} is closed.`)
