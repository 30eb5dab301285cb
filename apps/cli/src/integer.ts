import { InvalidArgumentError } from 'commander'

/** A whole number within bounds, of an option. */
export const integer = (minimum: number, maximum: number) => (text: string): number => {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < minimum || value > maximum) throw new InvalidArgumentError(`It must be a whole number from ${minimum} to ${maximum}.`)
  return value
}
