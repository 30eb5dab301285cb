import { parseTree, type Node } from 'jsonc-parser'
import { storableJson, storableText } from './storable.ts'

/** Longer numbers, and exponents of more digits, are more than PostgreSQL counts: they are kept as texts. */
const countable = /^(?=.{1,1000}$)[^eE]+(?:[eE][+-]?\d{1,3})?$/

/** Where a value stands in a body. */
export type Path = readonly (string | number)[]

/**
 * The text of a JSON value that was parsed out of a body, with storable texts. Its numbers are taken from the body, since JSON.parse
 * rounds those above 2^53; where there are none, which is the rule, nothing is parsed again.
 */
export function jsonTextsOf (body: string): (value: unknown, path: Path) => string {
  let root: Node | undefined
  return (value, path) => {
    const node = hasNumbers(value) ? path.reduce(childOf, root ??= parseTree(body)) : undefined
    return node === undefined ? JSON.stringify(storableJson(value)) : textOf(node, body)
  }
}

/** The members of a JSON object, each with the text of its value as it stands there. */
export function memberTexts (object: string): Map<string, string> {
  return new Map((parseTree(object)?.children ?? []).flatMap(({ children: [name, value] = [] }) =>
    name === undefined || value === undefined ? [] : [[String(name.value), textAt(value, object)]]))
}

const textAt = ({ offset, length }: Node, whole: string): string => whole.slice(offset, offset + length)

/** Of several members of one name the last, as with JSON.parse. */
function childOf (node: Node | undefined, step: string | number): Node | undefined {
  if (typeof step === 'number') return node?.type === 'array' ? node.children?.[step] : undefined
  return node?.type === 'object' ? node.children?.findLast(({ children }) => children?.[0]?.value === step)?.children?.[1] : undefined
}

function textOf (node: Node, body: string): string {
  const { type, value, children = [] } = node
  if (type === 'array') return `[${children.map(item => textOf(item, body)).join(',')}]`
  if (type === 'object') {
    const members = new Map(children.flatMap(({ children: [name, value] = [] }) => name === undefined || value === undefined ? [] : [[storableText(String(name.value)), textOf(value, body)]]))
    return `{${[...members].map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`
  }
  if (type !== 'number') return JSON.stringify(storableJson(value))
  const number = textAt(node, body)
  return countable.test(number) ? number : JSON.stringify(number)
}

function hasNumbers (value: unknown): boolean {
  if (typeof value === 'number') return true
  return typeof value === 'object' && value !== null && Object.values(value).some(hasNumbers)
}
