import type { Random } from './random.ts'
import { uuidFrom } from './words.ts'

// Their forms: protocol facts, and ids seen in real callbacks. What identifies is percent-encoded, quoted and compared everywhere, so no id is tame.

const systemPart = (random: Random, length: number): string => random.text('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', length)

/** Chosen by the app: printable ASCII, at most 48 bytes, and never beginning with `@TGS#`. */
const ownPart = (random: Random): string => random.pick([
  () => String(random.between(1_000_000, 9_999_999)),
  () => `WorldGroup${random.between(1_000, 9_999_999)}`,
  () => uuidFrom(random),
  () => `lesson-T_${random.hex(8)}`,
  () => `order #${random.between(1, 999_999)} (a/b+c=d@e)`,
  () => `o2efc${random.hex(4)}bW6Ki/${random.between(1, 9_999)}==`
])()

export const groupIdFrom = (random: Random): string => random.chance(0.6) ? `@TGS#${systemPart(random, 9)}` : ownPart(random)

export const communityIdFrom = (random: Random): string => `@TGS#_${random.chance(0.6) ? `@TGS#${systemPart(random, 12)}` : ownPart(random).slice(0, 32)}`

/** `communityId` and `@TOPIC#_` stand in front; at most 96 bytes in all. */
export const topicIdFrom = (random: Random, communityId: string): string =>
  `${communityId}@TOPIC#_${random.chance(0.6) ? `@TOPIC#${systemPart(random, 12)}` : ownPart(random).slice(0, 48)}`

export const officialAccountIdFrom = (random: Random): string => `@TOA#_${random.chance(0.5) ? `@TOA#${systemPart(random, 9)}` : `test_OA_${random.hex(6)}`}`

/** The numbers that Tencent gives accounts: 18 digits, more than JavaScript can hold. */
export const tinyIdFrom = (random: Random): string => `1441152${random.text('0123456789', 11)}`

/** A UserID: at most 32 bytes. */
export const accountFrom = (random: Random): string => random.pick([
  () => `user${random.between(1, 9_999)}`,
  () => String(random.between(10_000, 99_999_999)),
  () => tinyIdFrom(random),
  () => random.hex(32),
  () => `${random.hex(6)}_${random.hex(6)}`,
  () => `ann+${random.between(1, 999)}@example.com`,
  () => `dept/${random.between(1, 99)}#ops=${random.hex(4)}`
])()

export const robotIdFrom = (random: Random): string => `@RBT#${String(random.between(1, 30)).padStart(3, '0')}`
