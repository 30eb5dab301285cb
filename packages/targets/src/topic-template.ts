import type { Event } from '@baton/contracts'

/** What a placeholder stands for, and how long that can be: commands are held to 128 characters, and ids of apps are below 2^32. */
const places = {
  '{app}': { of: (event: Named) => String(event.appId), longest: 10 },
  '{command}': { of: (event: Named) => event.command, longest: 128 }
} as const

type Named = Pick<Event, 'appId' | 'command'>

/** A name for each event: what stands there, with the event's own app and command in it. */
export interface TopicTemplate {
  topicOf: (event: Named) => string
  /** Characters of the longest name that can come of it. */
  longest: number
  /** Whether names differ between the commands of an app. */
  byCommand: boolean
}

const isPlace = (part: string): part is keyof typeof places => Object.hasOwn(places, part)

/** Reads a template such as `chat.{app}.{command}`; which characters may stand around its placeholders is for the setting's pattern to say. */
export function topicTemplate (text: string): TopicTemplate {
  const parts = text.split(/(\{[^{}]*\})/).filter(part => part !== '')
  return {
    topicOf: event => parts.map(part => isPlace(part) ? places[part].of(event) : part).join(''),
    longest: parts.reduce((sum, part) => sum + (isPlace(part) ? places[part].longest : part.length), 0),
    byCommand: parts.includes('{command}')
  }
}
