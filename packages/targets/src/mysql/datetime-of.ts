/** The last moment that DATETIME knows: later ones are kept as this one. Their versions stay exact. */
const lastMoment = Date.UTC(10_000, 0) - 1

/** ms since 1970 as MySQL reads them: UTC, with the fraction. */
export const datetimeOf = (time: number): string => new Date(Math.min(time, lastMoment)).toISOString().replace('T', ' ').replace('Z', '')
