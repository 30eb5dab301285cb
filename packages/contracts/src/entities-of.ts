/** Whom and what an event is about: for filters, search and deletion. Each once, in the order of the body. */
export interface Entities {
  /** Groups and rooms, and the communities of topics. */
  groups: string[]
  topics: string[]
  /** UserIDs, and the ids of robots and official accounts. */
  accounts: string[]
}

/** A number of an account that JavaScript cannot hold: some of Tencent's examples give ids so. */
const largeAccount = /(_Account"\s*:\s*)(\d{16,})(?=\s*[,}])/g

/**
 * Goes by the names of fields, at any depth, so it knows the entities of unknown commands too: `GroupId` and its spellings and `RoomId`,
 * `TopicId` and `TopicIdList`, and all that ends in `_Account`. What is no JSON has none.
 */
export function entitiesOf (body: Buffer | string): Entities {
  const groups = new Set<string>()
  const topics = new Set<string>()
  const accounts = new Set<string>()
  let parsed: unknown
  try {
    parsed = JSON.parse(body.toString().replace(largeAccount, '$1"$2"'))
  } catch {
    return { groups: [], topics: [], accounts: [] }
  }
  // Not recursive: a body may be nested as deeply as its length allows.
  const pending: unknown[] = [parsed]
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (typeof value !== 'object' || value === null) continue
    for (const [name, inner] of Object.entries(value)) {
      const found = kindOf(name)
      for (const id of found === undefined ? [] : idsIn(inner)) {
        if (found === 'account') accounts.add(id)
        if (found === 'group') groups.add(id)
        if (found === 'topic') {
          topics.add(id)
          const end = id.indexOf('@TOPIC#_')
          if (end > 0) groups.add(id.slice(0, end))
        }
      }
    }
    pending.push(...Object.values(value).filter(inner => typeof inner === 'object' && inner !== null).reverse())
  }
  return { groups: [...groups], topics: [...topics], accounts: [...accounts] }
}

function kindOf (name: string): 'group' | 'topic' | 'account' | undefined {
  if (name.endsWith('_Account')) return 'account'
  if (/(?:^|[a-z])(?:Group|Room)I[dD]$/.test(name)) return 'group'
  return name === 'TopicId' || name === 'TopicIdList' ? 'topic' : undefined
}

function idsIn (value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(idsOf)
  return idsOf(value)
}

const idsOf = (value: unknown): string[] =>
  typeof value === 'string' && value !== '' ? [value] : typeof value === 'number' ? [String(value)] : []
