import { readFileSync } from 'node:fs'
import type { StaticDecode, TSchema } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { LineCounter, isMap, isNode, isPair, isScalar, parseDocument, visit, type Document } from 'yaml'
import { BatonError } from './baton-error.ts'

type Path = readonly (string | number)[]

/**
 * The relay file as a document whose sections are read one by one, by whoever needs them: the ingress reads `apps` alone, so
 * a variable that is unset among the targets does not stop it. Problems are collected, each with line and column.
 */
export class RelayDocument {
  readonly #found: { offset: number, text: string }[] = []
  readonly #document: Document.Parsed
  readonly #lines: LineCounter
  readonly #file: string
  readonly #variable: (name: string) => string | undefined

  /** @param variable looks up `${NAME}` */
  constructor (file: string, text: string, variable: (name: string) => string | undefined) {
    this.#file = file
    this.#variable = variable
    this.#lines = new LineCounter()
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false })
    for (const error of this.#document.errors) this.#report(error.pos[0], error.message)
    if (this.#found.length === 0 && this.#document.contents !== null && !isMap(this.#document.contents)) {
      this.#report(0, 'the file must be a mapping with the keys apps and targets')
    }
    for (const key of this.keys([])) {
      if (key !== 'apps' && key !== 'targets') this.problem([key], `unknown key "${key}"; known are apps and targets`)
    }
  }

  /** Reads a file; throws RELAY_FILE_MISSING. */
  static read (file: string, variable: (name: string) => string | undefined): RelayDocument {
    try {
      return new RelayDocument(file, readFileSync(file, 'utf8'), variable)
    } catch (error) {
      throw new BatonError('RELAY_FILE_MISSING', `The relay file ${file} cannot be read. Create it, or name another one in BATON_CONFIG.`, { cause: error })
    }
  }

  /** What was found so far, in the order of the file. */
  get problems (): string[] {
    return this.#found.toSorted((a, b) => a.offset - b.offset).map(({ text }) => text)
  }

  has (path: Path): boolean {
    return this.#document.hasIn(path)
  }

  /** The keys of a mapping, in the order of the file; none where there is no mapping. */
  keys (path: Path): string[] {
    const node: unknown = path.length === 0 ? this.#document.contents : this.#document.getIn(path, true)
    return isMap(node) ? node.items.map(pair => String(isScalar(pair.key) ? pair.key.value : pair.key)) : []
  }

  /** A value as it stands, before substitution; for choosing the schema that a section is to be read with. */
  peek (path: Path): unknown {
    const node: unknown = this.#document.getIn(path)
    return isNode(node) ? node.toJSON() : node
  }

  /** Substitutes variables in a section, checks it and fills in defaults; undefined, with problems noted, where it does not fit. */
  section<S extends TSchema> (path: Path, schema: S): StaticDecode<S> | undefined {
    const before = this.#found.length
    this.#substitute(path)
    const candidate: unknown = Value.Default(schema, structuredClone(this.peek(path)))
    for (const error of uniquePaths(Value.Errors(schema, candidate))) {
      if (typeof error.value === 'string' && unsetVariable.test(error.value)) continue // noted already, as what it is
      const steps = error.path.split('/').slice(1).map(step => /^\d+$/.test(step) ? Number(step) : step)
      this.problem([...path, ...steps], `${spelled([...path, ...steps])}: ${problemOf(error)}`)
    }
    return this.#found.length > before ? undefined : Value.Decode(schema, candidate)
  }

  /** Notes a problem at the place of a path, or of the nearest part of it that exists. */
  problem (path: Path, message: string): void {
    for (let length = path.length; length >= 0; length--) {
      const offset = this.#offsetOf(path.slice(0, length))
      if (offset !== undefined) return this.#report(offset, message)
    }
    this.#report(0, message)
  }

  /** Throws RELAY_FILE_INVALID with all problems, if there are any. */
  assertValid (): void {
    if (this.#found.length > 0) {
      throw new BatonError('RELAY_FILE_INVALID', `The relay file ${this.#file} does not fit. Mend:`, { problems: this.problems })
    }
  }

  #report (offset: number, message: string): void {
    const { line, col } = this.#lines.linePos(offset)
    this.#found.push({ offset, text: `${this.#file}:${Math.max(line, 1)}:${Math.max(col, 1)} ${message}` })
  }

  #offsetOf (path: Path): number | undefined {
    const last = path.at(-1)
    const parent: unknown = path.length <= 1 ? this.#document.contents : this.#document.getIn(path.slice(0, -1), true)
    if (last !== undefined && isMap(parent)) {
      const pair = parent.items.find(item => isPair(item) && isScalar(item.key) && item.key.value === last)
      return isScalar(pair?.key) ? pair.key.range?.[0] : undefined
    }
    const node: unknown = path.length === 0 ? this.#document.contents : this.#document.getIn(path, true)
    return isNode(node) ? node.range?.[0] : undefined
  }

  #substitute (path: Path): void {
    const root: unknown = this.#document.getIn(path, true)
    if (!isNode(root)) return
    visit(root, {
      Scalar: (_, scalar) => {
        if (typeof scalar.value !== 'string') return
        const text = scalar.value.replaceAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (whole, name: string) => {
          const value = this.#variable(name)
          if (value !== undefined && value !== '') return value
          this.#report(scalar.range?.[0] ?? 0, `the variable ${whole} is not set; set ${name} in the environment`)
          return whole
        })
        // Unquoted, a variable of digits is a number, as it would be had it been written out.
        scalar.value = scalar.type === 'PLAIN' && text !== scalar.value && /^\d{1,15}$/.test(text) ? Number(text) : text
      }
    })
  }
}

const unsetVariable = /\$\{[A-Za-z_][A-Za-z0-9_]*\}/

interface Misfit { path: string, message: string, schema: TSchema, value: unknown }

/** One problem per place: the first says what is wrong, those after it are consequences. */
function uniquePaths (errors: Iterable<Misfit>): Misfit[] {
  const first = new Map<string, Misfit>()
  for (const error of errors) if (!first.has(error.path)) first.set(error.path, error)
  return [...first.values()]
}

const spelled = (path: Path): string =>
  path.map((step, at) => typeof step === 'number' ? `[${step}]` : at === 0 ? step : `.${step}`).join('')

function problemOf ({ message, schema }: Misfit): string {
  const text = message
    .replace('Unexpected property', 'unknown key')
    .replace('Expected required property', 'is missing')
    .replace('Expected', 'must be')
  const description: unknown = schema.description
  if (typeof description !== 'string') return text
  return schema.pattern === undefined ? `${text}. ${description}` : `does not fit. ${description}`
}
