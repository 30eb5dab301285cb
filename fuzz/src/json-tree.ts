/** JSON as it is spelled: with what a parsed value cannot have, such as a key twice, a number beyond 2^53, or half a character. */
export type Tree = ObjectTree | ListTree | { token: string }
export interface ObjectTree { members: Member[] }
export interface ListTree { items: Tree[] }

export interface Member {
  /** With its quotes. */
  key: string
  value: Tree
}

function treeOf (value: unknown): Tree {
  if (Array.isArray(value)) return { items: value.map(treeOf) }
  if (typeof value === 'object' && value !== null) return objectTreeOf(value)
  return { token: JSON.stringify(value) }
}

export const objectTreeOf = (value: object): ObjectTree =>
  ({ members: Object.entries(value).filter(([, inner]) => inner !== undefined).map(([key, inner]) => ({ key: JSON.stringify(key), value: treeOf(inner) })) })

/** @param space stands wherever white space may stand */
export function textOf (tree: Tree, space = ''): string {
  if ('token' in tree) return tree.token
  if ('items' in tree) return `[${space}${tree.items.map(item => textOf(item, space)).join(`,${space}`)}${space}]`
  return `{${space}${tree.members.map(({ key, value }) => `${key}${space}:${space}${textOf(value, space)}`).join(`,${space}`)}${space}}`
}

/** All objects and lists in it, itself first. */
export function containersIn (tree: Tree): Array<ObjectTree | ListTree> {
  if ('token' in tree) return []
  const inner = 'items' in tree ? tree.items : tree.members.map(({ value }) => value)
  return [tree, ...inner.flatMap(containersIn)]
}
