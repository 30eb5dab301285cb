import { markOf, withoutSign } from '@baton/contracts'
import type { Answer } from './exchange.ts'
import { end, fail, ok, together, warn, type Finding } from './finding.ts'
import { meddlings, oddParameters } from './odd-parameters.ts'
import { refusalOf, spelled } from './refusal-of.ts'
import type { Visit } from './visit.ts'

/** Whether the query arrives, with odd but legal values too. */
export async function checkQuery (visit: Visit, first: Answer): Promise<Finding | undefined> {
  switch (refusalOf(first)) {
    case 'wrong-app': return await isAsWithoutQuery(visit, first)
      ? end('the query does not arrive: Baton answers as it answers a request without any', 'Something in front drops it, or renames SdkAppid: have it pass the query on unchanged. In nginx a proxy_pass with variables needs $is_args$args, and a rewrite that ends in ? drops the query; a CDN or an API gateway has a setting for query strings.')
      : ok('SdkAppid arrives')
    case 'sign-missing':
      if (visit.tokens.length === 0) return undefined
      return end('SdkAppid arrives, but not Sign and RequestTime', 'Something in front drops or renames parameters: have it pass the query on unchanged, without a list of names.')
    default:
  }
  if (first.report === undefined) return undefined

  const answer = await visit.ask({ query: [visit.query(), ...oddParameters].join('&') })
  if (answer.silence !== undefined || answer.report === undefined) {
    return fail(`a callback with odd but legal parameters does not get through: ${answer.silence ?? spelled(answer)}`, 'Tencent\'s ids have # @ + / and = in them: except this path from the rules of the firewall in front.')
  }
  const findings = findingsOf(answer.query, answer.report.query)
  if (findings.length > 0) return together(findings)
  return ok(`all ${new URLSearchParams(answer.query).size} parameters arrive, ${answer.report.raw === markOf(withoutSign(answer.query)) ? 'byte for byte' : 'with their values, though written otherwise'}`)
}

/** Whether it makes no difference to the ingress that there was a query. */
async function isAsWithoutQuery (visit: Visit, { envelope }: Answer): Promise<boolean> {
  const without = await visit.ask({ query: '', token: null })
  return without.silence === undefined && without.envelope?.ErrorInfo === envelope?.ErrorInfo
}

/** Parameters without which Baton does not take a callback, or takes it for another one. */
const needed = new Set(['SdkAppid', 'CallbackCommand', 'Sign', 'RequestTime', 'RequestID'])

/** What became of the parameters that were sent, where something did. */
function findingsOf (sentQuery: string, arrived: readonly [string, string][]): Finding[] {
  const sent = [...new URLSearchParams(sentQuery)]
  const isSent = new Set(sent.map(([name]) => name))
  const added = arrived.map(([name]) => name).filter(name => !isSent.has(name))
  const lost: string[] = []
  const changed: string[] = []
  const renamed = new Set<string>()
  for (const [name, value] of sent) {
    const marks = arrived.filter(([other]) => other === name).map(([, mark]) => mark)
    const other = added.find(added => added.toLowerCase() === name.toLowerCase())
    if (marks.length > 1) changed.push(`${name} arrives ${marks.length} times`)
    else if (marks.length === 0 && other !== undefined) {
      changed.push(`${name} arrives as ${other}`)
      renamed.add(other)
    } else if (marks.length === 0) lost.push(name)
    else if (name !== 'Sign' && marks[0] !== markOf(value)) changed.push(`${name} ${meddlingWith(value, marks[0])}`)
  }
  const strange = [...new Set(added)].filter(name => !renamed.has(name))
  const findings: Finding[] = []
  if (changed.length > 0) findings.push(fail(changed.join(', '), 'Have what stands in front pass the query on as it is, without decoding and encoding it.'))
  if (lost.some(name => needed.has(name))) findings.push(fail(`dropped: ${lost.join(', ')}`, 'Have what stands in front pass the query on unchanged, without a list of names.'))
  else if (lost.length > 0) findings.push(warn(`dropped: ${lost.join(', ')}`, 'Parameters that are not on some list get lost, so targets will not see what Tencent adds one day: pass the query on unchanged.'))
  if (strange.length > 0) findings.push(warn(`added on the way: ${strange.join(', ')}`, 'Targets will see them in the query (baton-query): take them out unless you want that.'))
  return findings
}

/** How a value was changed, as far as it can be told by its mark. */
const meddlingWith = (value: string, mark: string | undefined): string =>
  Object.entries(meddlings).find(([, meddle]) => markOf(meddle(value)) === mark)?.[0] ?? 'arrives changed'
