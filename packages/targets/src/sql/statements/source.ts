import { groupTypeOf, type Event } from '@baton/contracts'
import { didYouMean } from '@baton/runtime'
import { EventView } from '../../event-view.ts'
import { jsonTextsOf } from '../json-text.ts'
import { groupIdOf } from '../reading.ts'
import { storableText } from '../storable.ts'
import { timeOf, versionOf } from '../version.ts'
import { foundAt, problemOfPointer, stepsOf, type Found, type Steps } from './pointer.ts'

/** What is bound in place of a parameter: a text that is storable, a number with all its digits, a time in ms since 1970. */
export type Bound = string | boolean | null | { readonly number: string } | { readonly time: number }

/** An event, as the parameters of statements see it. */
export class Subject {
  readonly event: Event
  readonly text: string
  readonly body: object
  readonly #textOf: ReturnType<typeof jsonTextsOf>
  readonly #view: EventView

  /** @param text the body's, without a byte order mark; `body` the same, parsed */
  constructor (event: Event, text: string, body: object) {
    this.event = event
    this.text = text
    this.body = body
    this.#textOf = jsonTextsOf(text)
    this.#view = new EventView(event)
  }

  /** Of a repeated parameter the first. */
  query (name: string): string | undefined {
    return this.#view.query.get(name)
  }

  /** An object or list is its JSON. */
  bound ({ value, path }: Found): Bound {
    if (typeof value === 'string') return storableText(value)
    if (typeof value === 'boolean' || value === null) return value
    if (typeof value === 'number') return { number: Number.isSafeInteger(value) ? String(value) : this.#textOf(value, path).replaceAll('"', '') }
    return this.#textOf(value, path)
  }
}

/** An element of the list of forEach. */
export interface Element extends Found {
  /** From 0. */
  index: number
}

/** Where the value of a parameter stands. */
export type Source = (subject: Subject, element: Element | undefined) => Bound

/** What can be told of an event or an element beside what stands in it, as it is written; docs/own-tables.md explains each. */
export const facts: Readonly<Record<string, Source>> = {
  'event:id': ({ event }) => event.id,
  'event:app': ({ event }) => ({ number: String(event.appId) }),
  'event:command': ({ event }) => storableText(event.command),
  'event:groupId': ({ body }) => groupIdOf(body) ?? null,
  'event:groupType': ({ body }) => optionalText(groupTypeOf(body)),
  'event:time': ({ event }) => ({ time: timeOf(event) }),
  'event:receivedAt': ({ event }) => ({ time: event.receivedAt }),
  'event:version': ({ event }) => versionOf(event),
  'event:orderingKey': ({ event }) => storableText(event.orderingKey),
  'event:decision': ({ event }) => event.decision?.verdict ?? null,
  'event:body': ({ text }) => storableText(text),
  'element:index': (_, element) => element === undefined ? null : { number: String(element.index) }
}

/** A place as a person writes it, understood. */
export interface Place {
  source: Source
  /** Whether it is about the element of forEach. */
  ofElement: boolean
}

/** Reads a place; a text says what is wrong with it. */
export function readPlace (written: string): Place | string {
  if (Object.hasOwn(facts, written)) return { source: facts[written] ?? nothing, ofElement: written.startsWith('element:') }
  if (written.startsWith('query:')) {
    const name = written.slice('query:'.length)
    return { ofElement: false, source: subject => optionalText(subject.query(name)) }
  }
  const [, element, pointer = ''] = /^(element)?(\/.*)?$/s.exec(written) ?? []
  if (written === '' || (element === undefined && pointer === '')) return `there is no such place${didYouMean(written, Object.keys(facts)) || `; it is /Name, element/Name within forEach, query:NAME, or ${Object.keys(facts).join(', ')}`}`
  const problem = pointer === '' ? undefined : problemOfPointer(pointer)
  if (problem !== undefined) return problem
  const steps = stepsOf(pointer)
  const source: Source = element === undefined
    ? subject => boundAt(subject, { value: subject.body, path: [] }, steps)
    : (subject, element) => element === undefined ? null : boundAt(subject, element, steps)
  return { source, ofElement: element !== undefined }
}

const nothing: Source = () => null
const optionalText = (text: string | undefined): Bound => text === undefined ? null : storableText(text)

function boundAt (subject: Subject, start: Found, steps: Steps): Bound {
  const found = foundAt(start, steps)
  return found === undefined ? null : subject.bound(found)
}
