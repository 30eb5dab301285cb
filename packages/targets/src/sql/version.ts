import type { Event } from '@baton/contracts'

/** When the event happened, as well as can be known, in ms since 1970. */
export const timeOf = ({ eventTime, receivedAt }: Event): number => eventTime ?? receivedAt

/**
 * The version of what an event tells: its time, then its id. Of two versions the later one is the greater text,
 * compared byte by byte; 15 digits, and four of its fraction, hold every time that Baton takes.
 */
export const versionOf = (event: Event): string => versionAt(timeOf(event), event.id)

export const versionAt = (time: number, id: string): string => `${time.toFixed(4).padStart(20, '0')} ${id}`
