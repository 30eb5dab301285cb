import { createHash } from 'node:crypto'
import { probeCommand } from '@baton/contracts'
import type { Answer } from './exchange.ts'
import { fail, ok, together, type Finding } from './finding.ts'
import { isAcknowledged, isAdmitted, spelled } from './refusal-of.ts'
import type { Visit } from './visit.ts'

/** Bytes that Baton takes. */
const largest = 1_048_576

/** Sizes that are tried where the largest does not arrive, to tell what the limit is. */
const smaller = [16_384, 65_536, 131_072, 262_144, 524_288]

/** Valid JSON that does not survive whoever parses it and writes it anew. */
const oddBody = `{ "CallbackCommand" : "${probeCommand}",\r\n\t"Number":144115212830834855, "Float":1.0, "Escaped":"\\u7fa4\\/", "Unicode":"\u7fa4\u{1F600}" }\n`

/** Whether bodies arrive byte for byte, up to 1 MiB. */
export async function checkBody (visit: Visit, first: Answer): Promise<Finding | undefined> {
  if (!isAdmitted(first)) return undefined
  const findings: Finding[] = []
  const odd = await damageTo(visit, oddBody)
  if (odd !== undefined) findings.push(fail(odd, 'Have what stands in front pass bodies on as bytes: no filter, no transformation, no decompression.'))
  const large = await damageTo(visit, bodyOf(largest))
  if (large !== undefined) findings.push(await tooLarge(visit, large))
  return findings.length > 0 ? together(findings) : ok(first.report === undefined ? '1 MiB is accepted' : '1 MiB arrives, and odd JSON too, byte for byte')
}

async function tooLarge (visit: Visit, damage: string): Promise<Finding> {
  let fits = 0
  let fault = damage
  for (const size of smaller) {
    const found = await damageTo(visit, bodyOf(size))
    if (found !== undefined) {
      fault = found
      break
    }
    fits = size
  }
  return fail(`a body of 1 MiB does not arrive whole, one of ${fits === 0 ? 'less than 16' : fits / 1_024} KiB does: ${fault}`, 'Raise the limit of what stands in front to 1 MiB or more: client_max_body_size in nginx (1m unless set, and less in many templates), proxy-body-size in ingress-nginx, LimitRequestBody in Apache, SecRequestBodyNoFilesLimit in ModSecurity (128 KiB), the limit of the body parser in Express (100 kB); firewalls and gateways have their own.')
}

/** What happens to a body on its way; undefined where it arrives. */
async function damageTo (visit: Visit, body: string): Promise<string | undefined> {
  const answer = await visit.ask({ body })
  if (answer.silence !== undefined) return `the connection ends (${answer.silence})`
  const { report } = answer
  if (report === undefined) return isAcknowledged(answer) ? undefined : spelled(answer)
  if (report.sha256 === sha256(body)) return undefined
  const bytes = Buffer.byteLength(body)
  if (report.bytes === 0) return 'the body is dropped'
  if (report.sha256 === sha256(JSON.stringify(JSON.parse(body)))) return 'the body is parsed and written anew, which damages large numbers'
  if (report.bytes < bytes) return `${report.bytes} of ${bytes} bytes arrive`
  return `the body is changed: ${bytes} bytes become ${report.bytes}`
}

/** A body of exactly this size. */
function bodyOf (size: number): string {
  const empty = JSON.stringify({ CallbackCommand: probeCommand, Filler: '' })
  return JSON.stringify({ CallbackCommand: probeCommand, Filler: 'x'.repeat(size - empty.length) })
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
