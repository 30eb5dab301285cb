import { createHash } from 'node:crypto'
import { Type, type Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'

/** Commands that begin so are Baton's own: whoever sends them, no journal, no target and no count of drift ever sees them. */
const reserved = 'Baton.'

export const isReservedCommand = (command: string): boolean => command.startsWith(reserved)

/** The command of a probe: a callback that passes through every check of the ingress, is not kept, and is told how it arrived. */
export const probeCommand = `${reserved}Probe`

/** The command of a callback that nobody sent: a receiver gets it from `baton target test`, and should answer as to any command that it does not know. */
export const testCommand = `${reserved}Test`

/** The header of an answer that says in JSON how a probe arrived. */
export const probeHeader = 'baton-probe'

/** How a probe arrived at the ingress. Neither it nor anything made of it tells what a value was to somebody who does not know it. */
export const ProbeReport = Type.Object({
  /** The version of this shape. */
  v: Type.Literal(1),
  /** The mark of the query string as received, without `Sign`. */
  raw: Type.String(),
  /** Its parameters, decoded: the name, cut off after `longestName` characters, and the mark of the value. `Sign` has no mark. */
  query: Type.Array(Type.Tuple([Type.String(), Type.String()])),
  /** How many further parameters there were. */
  more: Type.Integer(),
  method: Type.String(),
  /** Size of the body. */
  bytes: Type.Integer(),
  /** Of the body, in hex. */
  sha256: Type.String(),
  /** The clock of the ingress, in ms since 1970. */
  at: Type.Number(),
  /** The client as the ingress sees it. Told to those alone who can sign. */
  address: Type.Optional(Type.String()),
  /** Of Baton. Told to those alone who can sign. */
  version: Type.Optional(Type.String()),
  /** ms that `RequestTime` may lie from the clock of the ingress. Told to those alone who can sign. */
  freshness: Type.Optional(Type.Number())
})
export type ProbeReport = Static<typeof ProbeReport>

/** The report in the header of an answer, or undefined where there is none that can be read. */
export function readProbeReport (header: string | undefined): ProbeReport | undefined {
  try {
    const report: unknown = JSON.parse(header ?? '')
    return Value.Check(ProbeReport, report) ? report : undefined
  } catch {
    return undefined
  }
}

/** Stands for a value in a report: whoever sent the value knows it again. The first 48 bits of its SHA-256, in hex. */
export const markOf = (value: string): string => createHash('sha256').update(value).digest('hex').slice(0, 12)
