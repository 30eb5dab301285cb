import type { Draft } from './draft.ts'
import { containersIn, textOf, type Member, type ObjectTree, type Tree } from './json-tree.ts'
import { nested, noToken, oddKey, oddToken } from './odd-tokens.ts'
import type { Randomness } from './randomness.ts'

/** Changes what a body says, in place; or answers what stands in its place. */
type Change = (random: Randomness, body: ObjectTree) => Tree | void

/** A member somewhere in the body, at its top more often than not: there stand the fields that are read. */
function memberIn (random: Randomness, body: ObjectTree): { member: Member, members: Member[] } {
  const objects = containersIn(body).flatMap(tree => 'members' in tree && tree.members.length > 0 ? [tree] : [])
  const { members } = objects.length === 0 || (random.chance(0.6) && body.members.length > 0) ? body : random.pick(objects)
  if (members.length === 0) members.push({ key: oddKey(random), value: { token: oddToken(random) } })
  return { member: random.pick(members), members }
}

/** Characters of what is put into a list in a row. */
const longestList = 200_000

const insert = <T>(random: Randomness, list: T[], item: T): void => { list.splice(random.between(0, list.length), 0, item) }

const changes: Record<string, readonly [weight: number, Change]> = {
  'another value': [12, (random, body) => { memberIn(random, body).member.value = { token: oddToken(random) } }],
  'a field removed': [8, (random, body) => {
    const { member, members } = memberIn(random, body)
    members.splice(members.indexOf(member), 1)
  }],
  'a field added': [8, (random, body) => { insert(random, memberIn(random, body).members, { key: oddKey(random), value: { token: oddToken(random) } }) }],
  'a key twice': [6, (random, body) => {
    const { member, members } = memberIn(random, body)
    insert(random, members, { key: member.key, value: random.chance(0.5) ? structuredClone(member.value) : { token: oddToken(random) } })
  }],
  'another key': [4, (random, body) => { memberIn(random, body).member.key = oddKey(random) }],
  'a key spelled otherwise': [2, (random, body) => {
    const { member } = memberIn(random, body)
    member.key = random.pick([member.key.toLowerCase(), member.key.toUpperCase(), `"${[...member.key.slice(1, -1)].map(letter => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`])
  }],
  'a value wrapped': [3, (random, body) => {
    const { member } = memberIn(random, body)
    member.value = random.pick([{ items: [member.value] }, { members: [{ key: oddKey(random), value: member.value }] }])
  }],
  'a list item': [4, (random, body) => {
    const lists = containersIn(body).flatMap(tree => 'items' in tree ? [tree] : [])
    if (lists.length > 0) insert(random, random.pick(lists).items, { token: oddToken(random) })
  }],
  'a long list': [0.4, (random, body) => {
    const lists = containersIn(body).flatMap(tree => 'items' in tree ? [tree] : [])
    if (lists.length === 0) return
    const { items } = random.pick(lists)
    const item = items.length > 0 && random.chance(0.7) ? random.pick(items) : { token: oddToken(random) }
    items.push(...Array.from({ length: Math.min(random.between(20, 2_500), Math.ceil(longestList / textOf(item).length)) }, () => structuredClone(item)))
  }],
  'many fields': [0.4, (random, body) => {
    const { members } = memberIn(random, body)
    for (let nth = random.between(20, 5_000); nth > 0; nth--) members.push({ key: `"field${nth}"`, value: { token: '0' } })
  }],
  'deep nesting': [1.5, (random, body) => { memberIn(random, body).member.value = { token: nested(random, 1_000_000) } }],
  'prototype keys at every depth': [1.5, (random, body) => {
    for (const tree of containersIn(body)) if ('members' in tree) insert(random, tree.members, { key: random.pick(['"__proto__"', '"constructor"', '"prototype"']), value: { token: '{"GroupId":"@TGS#p","EventTime":1,"isAdmin":true}' } })
  }],
  'another order': [1, (random, body) => { body.members = random.shuffled(body.members) }],
  'no JSON value': [5, (random, body) => { memberIn(random, body).member.value = { token: noToken(random) } }],
  'no object': [4, (random, body) => random.pick<Tree>([{ items: [body] }, { items: [] }, { token: oddToken(random) }, { token: noToken(random) }, { token: '' }])]
}

const weights = Object.entries(changes).map(([name, [weight, change]]) => [weight, { name, change }] as const)

/** Changes what the body says. Answers what it did. */
export function changeTree ({ random, tree }: Draft): { name: string, tree: Tree } {
  if (!('members' in tree)) return { name: 'nothing', tree }
  const { name, change } = random.weighted(weights)
  return { name, tree: change(random, tree) ?? tree }
}
