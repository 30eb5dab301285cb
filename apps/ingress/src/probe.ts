import { createHash } from 'node:crypto'
import { markOf, withoutSign, type ProbeReport } from '@baton/contracts'

/** Parameters that are told of, and characters of a name: a report is smaller than 4 KB whatever was sent, as proxies want the headers of an answer to be. */
const mostParameters = 32
const longestName = 40

export interface ArrivedProbe {
  /** The query string as received. */
  rawQuery: string
  method: string
  body: Buffer
  /** ms since 1970. */
  now: number
  /** Undefined where the sender did not have to sign: then it may be a stranger, whom our proxies and version do not concern. */
  confided: Pick<ProbeReport, 'address' | 'version' | 'freshness'> | undefined
}

/** How a probe arrived, as the value of a header: printable ASCII. It tells a sender what became of what he sent, and strangers nothing that they did not send. */
export function probeReport ({ rawQuery, method, body, now, confided }: ArrivedProbe): string {
  const parameters = [...new URLSearchParams(`&${rawQuery}`)] // a ? in front would be dropped
  const report: ProbeReport = {
    v: 1,
    raw: markOf(withoutSign(rawQuery)),
    query: parameters.slice(0, mostParameters).map(([name, value]) => [nameOf(name), name === 'Sign' ? '' : markOf(value)]),
    more: Math.max(0, parameters.length - mostParameters),
    method,
    bytes: body.length,
    sha256: createHash('sha256').update(body).digest('hex'),
    at: now,
    ...confided
  }
  return JSON.stringify(report)
}

const nameOf = (name: string): string => name.slice(0, longestName).replaceAll(/[^\x21-\x7e]/g, '?')
