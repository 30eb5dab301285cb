import { Type } from '@sinclair/typebox'

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** ms of a text such as `500ms`, `10s`, `5m`, `1h`, `3d`; the schema below has checked its form. */
export function millisecondsOf (text: string): number {
  const [, amount, unit] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? []
  const factor = Object.entries(units).find(([name]) => name === unit)?.[1]
  if (amount === undefined || factor === undefined) throw new RangeError(`"${text}" is no duration: write 500ms, 10s, 5m, 1h or 3d`)
  return Number(amount) * factor
}

/** A duration in a settings file: written with its unit, read as ms. */
export const Duration = (options: { description: string, default?: string }) =>
  Type.Transform(Type.String({ pattern: '^[0-9]{1,9}(ms|s|m|h|d)$', examples: ['10s'], ...options, description: `${options.description} A duration such as 500ms, 10s, 5m, 1h or 3d.` }))
    .Decode(millisecondsOf)
    .Encode(milliseconds => `${milliseconds}ms`)
