const units = { MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const

/** The form of a size in settings: `512MiB`, `4GiB`, `1TiB`. */
export const sizePattern = '^[0-9]{1,6}(MiB|GiB|TiB)$'

/** Bytes of a text such as `4GiB`; the pattern above has checked its form. */
export function bytesOf (text: string): number {
  const [, amount, unit] = /^(\d{1,6})(MiB|GiB|TiB)$/.exec(text) ?? []
  const factor = Object.entries(units).find(([name]) => name === unit)?.[1]
  if (amount === undefined || factor === undefined) throw new RangeError(`"${text}" is no size: write 512MiB, 4GiB or 1TiB`)
  return Number(amount) * factor
}
