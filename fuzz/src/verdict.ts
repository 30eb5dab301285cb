/** How a request may end: acknowledged, refused with an ErrorCode, not taken for HTTP (by HTTP status), answered as health and metrics are, or not at all. */
export type Ending = 'acknowledged' | `refused ${number}` | `malformed ${400 | 408 | 431}` | 'plain' | 'silence'

/** A callback of which something is kept. */
export interface Kept {
  /** Why it is in quarantine; left out where it is an event. */
  kind?: string
  app: number
  command?: string
  /** Without `Sign`. */
  query: string
  body: Buffer
}

/** What a request leaves behind. */
export interface Traces {
  /** Series of /metrics that count it. */
  counted: readonly string[]
  event?: Kept
  /** In the quarantine that takes all, or in the one that takes some of what strangers send. */
  quarantined?: Kept & { kind: string, surely: boolean }
}

/** One way in which a request may end. */
export interface Verdict {
  ending: Ending
  /** What it then certainly leaves behind, and what perhaps. */
  traces: Traces
  perhaps?: Traces
}

export const series = {
  accepted: (known: boolean): string => `baton_callbacks_accepted_total{known="${known}"}`,
  refused: (code: number): string => `baton_callbacks_refused_total{code="${code}"}`,
  probe: (code: number): string => `baton_probes_total{code="${code}"}`,
  malformed: (status: number): string => `baton_requests_malformed_total{status="${status}"}`,
  quarantined: (kind: string): string => `baton_quarantine_total{kind="${kind}"}`,
  allowed: 'baton_before_callbacks_unkept_total'
}

export const malformed = (status: 400 | 408 | 431): Verdict => ({ ending: `malformed ${status}`, traces: { counted: [series.malformed(status)] } })

/** It got no answer. @param perhaps what it may have left behind all the same */
export const silence = (perhaps: Traces = { counted: [] }): Verdict => ({ ending: 'silence', traces: { counted: [] }, perhaps })
