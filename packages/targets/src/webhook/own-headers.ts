import { Type, type Static } from '@sinclair/typebox'

/** Of names and values together: some receivers refuse header blocks above 8 KB, and those of Baton's come on top. In bytes. */
const longestTogether = 8_192

/** Headers that the operator wants with each request. Each value may be a credential. */
export const OwnHeaders = Type.Record(
  Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9!#$%&'*+.^_`|~-]{0,63}$" }),
  Type.String({ pattern: '^[\\x21-\\x7e]([\\x20-\\x7e]{0,4094}[\\x21-\\x7e])?$', secret: true, description: 'A value has 1 to 4096 visible ASCII characters, and blanks between them alone.' }),
  {
    minProperties: 1,
    maxProperties: 20,
    additionalProperties: false,
    description: 'Headers that each request has, such as Authorization, for receivers that ask for them: up to 20, of 8 KB together. Names have letters, digits and hyphens; what Baton sets itself, and what HTTP needs, cannot be among them. Values are not logged.'
  }
)
export type OwnHeaders = Static<typeof OwnHeaders>

/** Names that Baton sets, or HTTP between two machines. */
const reserved = /^(?:(?:webhook|baton|content|proxy)-.*|accept-encoding|connection|date|expect|host|http2-settings|keep-alive|te|trailer|transfer-encoding|upgrade|user-agent)$/

/** What each name and value alone does not tell: the name, or none where it is all together, and what is wrong with it. */
export function problemsOfOwnHeaders (headers: OwnHeaders): { name?: string, problem: string }[] {
  const seen = new Set<string>()
  const problems: { name?: string, problem: string }[] = []
  for (const name of Object.keys(headers)) {
    const lower = name.toLowerCase()
    if (reserved.test(lower)) problems.push({ name, problem: 'is set by Baton, or by HTTP itself; leave it out' })
    if (seen.has(lower)) problems.push({ name, problem: 'stands here twice, as capitals make no difference' })
    seen.add(lower)
  }
  const together = Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  return together <= longestTogether ? problems : [...problems, { problem: `have ${together} bytes together; receivers take ${longestTogether} or little more` }]
}
