import { groupIdOf, groupTypeOf, type Event } from '@baton/contracts'
import { Fields, UnreadableBody, filterValueOf, type FilterValue } from './filter-values.ts'

/** An event as the filters of all targets see it. What they ask for is read once, and what nobody asks for is not read. */
export class EventView {
  readonly #event: Event
  #read: { parsed: object, text: string } | UnreadableBody | undefined
  #body: Fields | UnreadableBody | undefined
  #query: Map<string, string> | undefined

  constructor (event: Event) {
    this.#event = event
  }

  get app (): bigint { return BigInt(this.#event.appId) }
  get command (): string { return this.#event.command }
  get groupId (): string { return groupIdOf(this.#parsed().parsed) ?? '' }
  get groupType (): string { return groupTypeOf(this.#parsed().parsed) ?? '' }
  get decision (): string { return this.#event.decision?.verdict ?? '' }

  get query (): Map<string, string> {
    this.#query ??= new Map([...new URLSearchParams(`&${this.#event.query}`)].reverse()) // of a repeated parameter the first
    return this.#query
  }

  /** Throws where filters cannot look into it. */
  get body (): Fields {
    this.#body ??= this.#bodyOrTrouble()
    if (this.#body instanceof UnreadableBody) throw this.#body
    return this.#body
  }

  #bodyOrTrouble (): Fields | UnreadableBody {
    try {
      const { text, parsed } = this.#parsed()
      const body: FilterValue = filterValueOf(text, parsed)
      return body instanceof Fields ? body : new UnreadableBody('no_object')
    } catch (error) {
      if (error instanceof UnreadableBody) return error
      throw error
    }
  }

  #parsed (): { parsed: object, text: string } {
    this.#read ??= parsedOrTrouble(this.#event.body)
    if (this.#read instanceof UnreadableBody) throw this.#read
    return this.#read
  }
}

function parsedOrTrouble (body: Buffer): { parsed: object, text: string } | UnreadableBody {
  const text = body.toString().replace(/^\uFEFF/, '')
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null ? { parsed, text } : new UnreadableBody('no_object')
  } catch {
    return new UnreadableBody('no_json')
  }
}
