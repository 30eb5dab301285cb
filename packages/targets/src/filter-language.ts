import { Environment, type ASTNode } from '@marcbachmann/cel-js'
import { Fields } from './filter-values.ts'

/** What a filter may speak of: name, type, and what it is. docs/routing.md tells the same. */
export const filterVariables = {
  app: ['int', 'SDKAppID'],
  command: ['string', 'the command'],
  groupId: ['string', 'the group, or the community of a topic; empty where there is none'],
  groupType: ['string', 'type of the group, as it came; empty where there is none'],
  query: ['map<string, string>', 'the query parameters, without Sign'],
  decision: ['string', 'of a before-callback that an endpoint was asked about: allow or deny; else empty'],
  body: ['Fields', 'the body']
} as const

/** The functions of the language; those that go through a list, each with an element's name and a condition, stand below. */
export const filterFunctions: readonly string[] = ['has', 'size', 'int', 'double', 'string', 'startsWith', 'endsWith', 'contains', 'lowerAscii', 'upperAscii', 'trim']
export const filterMacros: readonly string[] = ['exists', 'all', 'exists_one', 'filter']

/** The language of filters: CEL, https://cel.dev, with types, and with bounds on how large an expression may be. */
export const filterLanguage = Object.entries(filterVariables).reduce(
  (language, [name, [type]]) => language.registerVariable(name, type),
  new Environment({ limits: { maxAstNodes: 500, maxDepth: 32, maxListElements: 200, maxCallArguments: 8 } }).registerType('Fields', { ctor: Fields }))

/** Something of the language that filters do without. */
export interface Misuse {
  node: ASTNode
  text: string
}

/** What can be said where. */
interface Place {
  /** Names that the expression itself gave. */
  names: readonly string[]
  /** The element of the nearest list of the event that is gone through. */
  element?: string
  /** The constant of the list of constants that is gone through. */
  constant?: string
  /** Whether only a comparison, or nothing at all, is made with the value: that costs the same however large it is. */
  beside?: boolean
}

const comparisons: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>='])

/**
 * Finds what would let the time of an evaluation grow faster than the event: regular expressions, and lists gone through within lists
 * that are not parts of each other. What is left visits each value of an event a bounded number of times.
 */
export function misuseIn (node: ASTNode, place: Place = { names: [] }): Misuse | undefined {
  const first = (nodes: readonly ASTNode[], within: Place): Misuse | undefined => {
    for (const inner of nodes) {
      const misuse = misuseIn(inner, within)
      if (misuse !== undefined) return misuse
    }
    return undefined
  }
  const { beside = false, ...rest } = place
  switch (node.op) {
    case 'value': return undefined
    case 'id': return beside || place.element === undefined || node.args === place.element || node.args === place.constant ? undefined : tooFar(node, node.args, place.element)
    case '.': return misuseIn(node.args[0], place)
    case '[]': return misuseIn(node.args[0], place) ?? misuseIn(node.args[1], rest)
    case 'list': return first(node.args, rest)
    case '!_': case '-_': return misuseIn(node.args, { ...rest, beside: true })
    case '&&': case '||': return first(node.args, { ...rest, beside: true })
    case '?:': return misuseIn(node.args[0], { ...rest, beside: true }) ?? first(node.args.slice(1), place)
    case 'in': return misuseIn(node.args[0], { ...rest, beside: true }) ?? misuseIn(node.args[1], rest)
    case '+': case '-': case '*': case '/': case '%': return first(node.args, rest)
    case 'call': {
      const [name, args] = node.args
      return filterFunctions.includes(name) ? first(args, name === 'has' ? { ...rest, beside: true } : rest) : unknown(node, name)
    }
    case 'rcall': {
      const [name, receiver, args] = node.args
      if (filterMacros.includes(name)) return misuseOfMacro(node, receiver, args, rest)
      return filterFunctions.includes(name) ? first([receiver, ...args], rest) : unknown(node, name)
    }
    default: return comparisons.has(node.op) ? first(operandsOf(node), { ...rest, beside: true }) : { node, text: `${node.op === 'map' ? 'a map' : node.op} is not part of the language of filters` }
  }
}

function misuseOfMacro (node: ASTNode, receiver: ASTNode, [variable, condition]: readonly ASTNode[], place: Place): Misuse | undefined {
  if (variable?.op !== 'id' || condition === undefined) return undefined // the type check has told
  const name = variable.args
  if (place.names.includes(name) || Object.hasOwn(filterVariables, name)) return { node: variable, text: `${name} has a meaning already; call the element something else` }
  const names = [...place.names, name]
  if (receiver.op === 'list' && receiver.args.every(({ op }) => op === 'value')) {
    if (place.constant !== undefined) return { node: receiver, text: 'a list of constants is gone through within another; write them as one condition' }
    return misuseIn(condition, { ...place, names, constant: name })
  }
  const root = rootOf(receiver)
  if (root === undefined) return { node: receiver, text: 'only a list that stands in the event, or one of constants, can be gone through' }
  if (place.element !== undefined && root !== place.element) return { node: receiver, text: `within a list only lists of its elements can be gone through: write ${place.element}.` }
  return misuseIn(condition, { ...place, names, element: name })
}

/** The variable that a path such as `body.MsgBody[0].MsgContent` begins with. */
function rootOf (node: ASTNode): string | undefined {
  if (node.op === 'id') return node.args
  if (node.op === '.') return rootOf(node.args[0])
  return node.op === '[]' && node.args[1].op === 'value' ? rootOf(node.args[0]) : undefined
}

const operandsOf = ({ args }: ASTNode): ASTNode[] => Array.isArray(args) ? args.flat().filter(isNode) : []
const isNode = (value: unknown): value is ASTNode => typeof value === 'object' && value !== null && 'op' in value

const unknown = (node: ASTNode, name: string): Misuse =>
  ({ node, text: `${name}() is not part of the language of filters; there are ${[...filterFunctions, ...filterMacros].join(', ')}` })

const tooFar = (node: ASTNode, name: string, element: string): Misuse =>
  ({ node, text: `within the list, ${name} can only be compared (==, !=, <, ...); what looks into values can look into ${element}` })
