import { Type } from '@sinclair/typebox'

/**
 * Marks a field that Baton itself reads: identity, keys, SQL columns.
 * Only a marked field decides whether a callback is refused; any other misfit is drift and is relayed as it came.
 */
export const read = { batonReads: true } as const

/** A UserID. At most 32 bytes in Tencent's own limits; not enforced, a longer one is relayed. */
export const Account = Type.String({ minLength: 1 })

/** `@TGS#...`, `@TGS#_...` for a community, or an id chosen by the app. */
export const GroupId = Type.String({ minLength: 1, ...read })

/** `GroupId` + `@TOPIC#_` + the topic's own part. */
export const TopicId = Type.String({ minLength: 1, ...read })

/**
 * When it happened, in ms since 1970. The tables say Integer, the international examples quote it, real payloads send a number.
 * 15 digits reach the year 33658, which every database of ours can hold.
 */
export const EventTime = Type.Union([
  Type.Integer({ minimum: 0, maximum: 999_999_999_999_999 }),
  Type.String({ pattern: '^[0-9]{1,15}$' })
], { description: 'an integer of at most 15 digits, or the same in a string', ...read })

/** Custom fields; there only where the app enabled them. `Value` may be binary by the documentation, and an object by one SDK. */
export const UserDefinedDataList = Type.Array(
  Type.Object({ Key: Type.String({ minLength: 1 }), Value: Type.Unknown() }),
  read
)
