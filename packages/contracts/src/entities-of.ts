import { communityOf } from './community-of.ts'

/** Whom and what an event is about: for filters, search and deletion. Each once, in the order of the body. */
export interface Entities {
  /** Groups and rooms, and the communities of topics. */
  groups: string[]
  topics: string[]
  /** UserIDs, and the ids of robots and official accounts. */
  accounts: string[]
}

/** Numbers of accounts that JavaScript cannot hold, alone or in a list: some of Tencent's examples give ids so. */
const largeAccounts = /(_Account"\s*:\s*)(\d{16,}(?=\s*[,}])|\[[\d\s,]*\])/g

/**
 * Goes by the names of fields, at any depth, so it knows the entities of unknown commands too: `GroupId` and its spellings, `RoomId` and lists of them,
 * `TopicId` and `TopicIdList`, and all that ends in `_Account`. What is no JSON has none.
 */
export function entitiesOf (body: Buffer | string): Entities {
  const found = { group: new Set<string>(), topic: new Set<string>(), account: new Set<string>() }
  // Not recursive: a body may be nested as deeply as its length allows. What is in a list has the list's name.
  const pending: Array<[name: string, value: unknown]> = [['', parsed(body)]]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [name, value] = next
    if (Array.isArray(value)) {
      for (let at = value.length - 1; at >= 0; at--) pending.push([name, value[at]])
    } else if (typeof value === 'object' && value !== null) {
      for (const field of Object.entries(value).reverse()) pending.push(field)
    } else {
      const kind = entityKindOf(name)
      const id = typeof value === 'number' ? String(value) : value
      if (kind === undefined || typeof id !== 'string' || id === '') continue
      found[kind].add(id)
      const community = kind === 'topic' ? communityOf(id) : undefined
      if (community !== undefined) found.group.add(community)
    }
  }
  return { groups: [...found.group], topics: [...found.topic], accounts: [...found.account] }
}

/** What a field of this name tells the id of. */
export function entityKindOf (name: string): 'group' | 'topic' | 'account' | undefined {
  if (name.endsWith('_Account') || name === 'AtRobotAccount') return 'account'
  if (name === 'EventGroupId') return undefined // the kind of a callback of cloud recording
  if (/(?:^|[a-z])(?:[gG]roup|[rR]oom)I[dD](?:List)?$/.test(name)) return 'group'
  return name === 'TopicId' || name === 'TopicIdList' ? 'topic' : undefined
}

function parsed (body: Buffer | string): unknown {
  try {
    return JSON.parse(body.toString().replace(largeAccounts, (_, name: string, numbers: string) => name + numbers.replaceAll(/\d{16,}/g, '"$&"')))
  } catch {
    return undefined
  }
}
