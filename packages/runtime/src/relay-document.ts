import { readFileSync } from 'node:fs'
import type { StaticDecode, TSchema } from '@sinclair/typebox'
import { ValueErrorType } from '@sinclair/typebox/errors'
import { Value } from '@sinclair/typebox/value'
import { LineCounter, isAlias, isMap, isNode, isScalar, isSeq, parseDocument, visit, type Alias, type Document, type Node, type Scalar } from 'yaml'
import { BatonError } from './baton-error.ts'
import { misfitText, unknownKey, type Misfit } from './misfit-text.ts'
import { nearName } from './near-name.ts'
import { aliasesOf, mostAliases } from './relay-aliases.ts'
import { whyUnreadable } from './why-unreadable.ts'

type Path = readonly (string | number)[]

/** A relay file has some kilobytes; the parser takes quadratic time for some that are large. In characters. */
const longestFile = 262_144

const variable = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g

const sections = ['apps', 'targets']

/** The parser's first errors tell the cause; those after them are consequences. */
const mostErrors = 10

/**
 * The relay file as a document whose sections are read one by one, by whoever needs them: the ingress reads `apps` alone, so
 * a variable that is unset among the targets does not stop it. Problems are collected, each with line and column.
 */
export class RelayDocument {
  /** As it was named; what it names in its turn is seen from its folder. */
  readonly file: string
  readonly #found: { offset: number, text: string }[] = []
  readonly #doubts: { offset: number, text: string }[] = []
  readonly #document: Document.Parsed
  readonly #text: string
  readonly #lines: LineCounter
  readonly #variable: (name: string) => string | undefined
  readonly #sources: ReadonlyMap<Alias, Node>
  readonly #substituted = new Set<Scalar>()
  /** With a variable that is not set, or is none. */
  readonly #unset = new Set<Scalar>()
  /** It is no YAML that can be read: whatever else could be said would be wrong. */
  readonly #broken: boolean

  /** @param variable looks up `${NAME}` */
  constructor (file: string, text: string, variable: (name: string) => string | undefined) {
    this.file = file
    this.#text = text
    this.#variable = variable
    this.#lines = new LineCounter()
    this.#document = this.#parse(text)
    const { sources, problems } = aliasesOf(this.#document)
    this.#sources = sources
    for (const { offset, text } of problems) this.#report(offset, text)
    if (this.#found.length === 0) this.#unfold()
    this.#broken = this.#found.length > 0
    if (!this.#broken && this.#document.contents !== null && !isMap(this.#document.contents)) {
      this.#report(0, `the file must be a mapping with the keys ${sections.join(' and ')}`)
    }
    for (const key of this.keys([])) {
      if (!sections.includes(key)) this.problem([key], unknownKey(key, sections))
    }
  }

  /** Reads a file; throws RELAY_FILE_MISSING. */
  static read (file: string, variable: (name: string) => string | undefined): RelayDocument {
    let text: string
    try {
      text = readFileSync(file, 'utf8')
    } catch (error) {
      throw new BatonError('RELAY_FILE_MISSING', `The relay file ${file} cannot be read: ${whyUnreadable(error)}. Create it, or name another one in BATON_CONFIG.`, { cause: error })
    }
    return new RelayDocument(file, text, variable)
  }

  /** What was found so far, in the order of the file. */
  get problems (): string[] {
    return inOrder(this.#found)
  }

  /** What fits, and is hardly what somebody meant, in the order of the file. */
  get warnings (): string[] {
    return inOrder(this.#doubts)
  }

  /** The keys of a mapping, in the order of the file; none where there is no mapping. */
  keys (path: Path): string[] {
    const node = this.#nodeAt(path)
    return !this.#broken && isMap(node) ? node.items.map(pair => this.#keyOf(pair.key)) : []
  }

  /** A value as it stands, before substitution; for choosing the schema that a section is to be read with. */
  peek (path: Path): unknown {
    return this.#broken ? undefined : this.#nodeAt(path)?.toJS(this.#document, { maxAliasCount: mostAliases })
  }

  /** How many entries a list has; 0 where there is none. */
  length (path: Path): number {
    const node = this.#nodeAt(path)
    return !this.#broken && isSeq(node) ? node.items.length : 0
  }

  /** Substitutes variables in a section, checks it and fills in defaults; undefined, with problems noted, where it does not fit. */
  section<S extends TSchema> (path: Path, schema: S): StaticDecode<S> | undefined {
    if (this.#broken) return undefined
    const { candidate, isWhole } = this.#candidate(path, schema)
    const misfits = causesOf(Value.Errors(schema, candidate))
    for (const misfit of misfits) {
      const place = [...path, ...stepsOf(misfit.path)]
      const node = this.#nodeAt(place)
      if (isScalar(node) && this.#unset.has(node)) continue // noted already, as what it is
      this.problem(place, `${spelled(place)}: ${misfitText(keyOf(place), misfit)}`)
    }
    return isWhole && misfits.length === 0 ? Value.Decode(schema, candidate) : undefined
  }

  /** A part of a section, where that part fits: for what fields tell only together, and which is to be told beside what is wrong with others. Its misfits are noted by `section`. */
  part<S extends TSchema> (path: Path, schema: S): StaticDecode<S> | undefined {
    if (this.#broken) return undefined
    const { candidate, isWhole } = this.#candidate(path, schema)
    return isWhole && Value.Check(schema, candidate) ? Value.Decode(schema, candidate) : undefined
  }

  /**
   * Notes a problem at the place of a path, or of the nearest part of it that exists.
   * @param character of the text that stands there, from 0, where the problem is known as exactly
   */
  problem (path: Path, message: string, character?: number): void {
    if (this.#broken) return
    const within = character === undefined ? undefined : this.#offsetWithin(path, character)
    this.#report(within ?? this.#nearestOffset(path), message)
  }

  /** Notes, at such a place, what fits all the same. */
  warning (path: Path, message: string): void {
    if (!this.#broken) this.#report(this.#nearestOffset(path), message, this.#doubts)
  }

  /** Throws RELAY_FILE_INVALID with all problems, if there are any. */
  assertValid (): void {
    if (this.#found.length > 0) {
      throw new BatonError('RELAY_FILE_INVALID', `The relay file ${this.file} does not fit. Mend:`, { problems: this.problems })
    }
  }

  #candidate (path: Path, schema: TSchema): { candidate: unknown, isWhole: boolean } {
    const isWhole = this.#substitute(this.#nodeAt(path))
    return { candidate: Value.Default(schema, structuredClone(this.peek(path))), isWhole }
  }

  #nearestOffset (path: Path): number {
    for (let length = path.length; length >= 0; length--) {
      const offset = this.#offsetOf(path.slice(0, length))
      if (offset !== undefined) return offset
    }
    return 0
  }

  #report (offset: number, message: string, to = this.#found): void {
    const { line, col } = this.#lines.linePos(offset)
    to.push({ offset, text: `${this.file}:${Math.max(line, 1)}:${Math.max(col, 1)} ${message}` })
  }

  #parse (text: string): Document.Parsed {
    const empty = () => parseDocument('')
    if (text.length > longestFile) {
      this.#report(0, `the file is longer than ${longestFile} characters`)
      return empty()
    }
    try {
      const document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false })
      for (const error of document.errors.slice(0, mostErrors)) this.#report(error.pos[0], error.message)
      return document
    } catch (error) { // the parser calls itself for each level, and has no limit of its own
      this.#report(0, `the file cannot be parsed: ${error instanceof Error ? error.message : String(error)}`)
      return empty()
    }
  }

  /** Tries what every reading will do. */
  #unfold (): void {
    try {
      this.#document.toJS({ maxAliasCount: mostAliases })
    } catch (error) {
      this.#report(0, `the file cannot be read: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  /** The node at a path; what it stands for, where it is an alias. */
  #nodeAt (path: Path): Node | undefined {
    let node = this.#resolved(this.#document.contents)
    for (const step of path) {
      if (isMap(node)) node = this.#resolved(node.items.find(({ key }) => this.#keyOf(key) === String(step))?.value)
      else if (isSeq(node)) node = this.#resolved(node.items[Number(step)])
      else return undefined
    }
    return node
  }

  #resolved (node: unknown): Node | undefined {
    if (isAlias(node)) return this.#resolved(this.#sources.get(node))
    return isNode(node) ? node : undefined
  }

  #keyOf (key: unknown): string {
    const node = this.#resolved(key)
    return String(isScalar(node) ? node.value : key)
  }

  #offsetOf (path: Path): number | undefined {
    const last = path.at(-1)
    const parent = this.#nodeAt(path.slice(0, -1))
    if (last !== undefined && isMap(parent)) {
      const key: unknown = parent.items.find(({ key }) => this.#keyOf(key) === String(last))?.key
      return isNode(key) ? key.range?.[0] : undefined
    }
    return this.#nodeAt(path)?.range?.[0]
  }

  /** Where a character of a text stands in the file; undefined where it is written in another way than it reads. */
  #offsetWithin (path: Path, character: number): number | undefined {
    const node = this.#nodeAt(path)
    if (!isScalar(node) || typeof node.value !== 'string' || node.range == null) return undefined
    const [begin] = node.range
    const isBlock = node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED'
    const skipped = isBlock ? this.#text.indexOf('\n', begin) + 1 - begin : node.type === 'PLAIN' ? 0 : 1
    let offset = begin + skipped
    // White space may be folded and indented, so it is passed over on both sides.
    const passBlanks = () => { while (/\s/.test(this.#text.charAt(offset))) offset += 1 }
    for (const expected of node.value.slice(0, character)) {
      if (/\s/.test(expected)) continue
      passBlanks()
      if (!this.#text.startsWith(expected, offset)) return undefined
      offset += expected.length
    }
    if (character < node.value.length) passBlanks()
    return offset
  }

  /**
   * Substitutes variables in a node and in what its aliases stand for, once and for all: what a variable holds is not looked
   * into. False where one is not set.
   */
  #substitute (root: Node | undefined): boolean {
    let whole = true
    const seen = new Set<Node>()
    const pending = root === undefined ? [] : [root]
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      if (seen.has(node)) continue
      seen.add(node)
      visit(node, {
        Alias: (_, alias) => { pending.push(...[this.#resolved(alias)].filter(isNode)) },
        Scalar: (_, scalar) => {
          this.#substituteIn(scalar)
          if (this.#unset.has(scalar)) whole = false
        }
      })
    }
    return whole
  }

  #substituteIn (scalar: Scalar): void {
    if (typeof scalar.value !== 'string' || this.#substituted.has(scalar)) return
    this.#substituted.add(scalar)
    if (scalar.value.replaceAll(variable, '').includes('${')) {
      this.#unset.add(scalar)
      this.#report(scalar.range?.[0] ?? 0, '${ begins a variable here: give it a name of letters, digits and _, and close its brace. A text with ${ in it can only come from a variable')
      return
    }
    const text = scalar.value.replaceAll(variable, (whole, name: string) => {
      const value = this.#variable(name)
      if (value !== undefined && value !== '') return value
      this.#unset.add(scalar)
      this.#report(scalar.range?.[0] ?? 0, `the variable ${whole} is not set; set ${name} in the environment`)
      return whole
    })
    // Unquoted, a variable of digits is a number, as it would be had it been written out.
    scalar.value = scalar.type === 'PLAIN' && text !== scalar.value && /^\d{1,15}$/.test(text) ? Number(text) : text
  }
}

const inOrder = (found: readonly { offset: number, text: string }[]): string[] => found.toSorted((a, b) => a.offset - b.offset).map(({ text }) => text)

interface PlacedMisfit extends Misfit {
  /** A JSON pointer. */
  path: string
}

/** One problem per place: the first says what is wrong, those after it are consequences. So is a missing key that somebody has misspelled. */
function causesOf (misfits: Iterable<PlacedMisfit>): PlacedMisfit[] {
  const first = new Map<string, PlacedMisfit>()
  for (const misfit of misfits) if (!first.has(misfit.path)) first.set(misfit.path, misfit)
  const found = [...first.values()]
  const meant = new Set(found.filter(({ type }) => type === ValueErrorType.ObjectAdditionalProperties).map(({ path, schema }) => {
    const above = path.slice(0, path.lastIndexOf('/'))
    return `${above}/${nearName(keyOf(stepsOf(path)), Object.keys(Object(schema['properties'])))}`
  }))
  return found.filter(({ type, path }) => type !== ValueErrorType.ObjectRequiredProperty || !meant.has(path))
}

/** The steps of a JSON pointer. */
const stepsOf = (pointer: string): (string | number)[] =>
  pointer.split('/').slice(1).map(step => /^\d+$/.test(step) ? Number(step) : step.replaceAll('~1', '/').replaceAll('~0', '~'))

/** A path as it is written in messages: `targets.crm.secrets[0]`. */
export const spelled = (path: Path): string =>
  path.map((step, at) => typeof step === 'number' ? `[${step}]` : at === 0 ? step : `.${step}`).join('')

/** The key that a place belongs to: an entry of a list to that of the list. */
const keyOf = (path: Path): string => String(path.findLast(step => typeof step === 'string') ?? '')
