import { Type, type TProperties, type TSchema } from '@sinclair/typebox'

/** Carried by the schema of a field that Baton itself reads. */
export const readMark = 'batonReads'

/**
 * Marks a field that Baton itself reads: identity, keys, SQL columns.
 * Only a marked field decides whether a callback is refused; any other misfit is drift and is relayed as it came.
 */
export const read = <T extends TSchema>(schema: T): T => ({ ...schema, [readMark]: true })

const described = (description: string | undefined) => description === undefined ? {} : { description }

export const text = (description?: string) => Type.String(described(description))
/** A UserID. At most 32 bytes in Tencent's own limits; not enforced, a longer one is relayed. */
export const account = text
export const integer = (description?: string) => Type.Integer(described(description))
export const flag = (description?: string) => Type.Boolean(described(description))
export const list = <T extends TSchema>(items: T, description?: string) => Type.Array(items, described(description))
export const object = <P extends TProperties>(fields: P) => Type.Object(fields)
/** None of whose fields is required. */
export const loose = <P extends TProperties>(fields: P) => Type.Partial(Type.Object(fields))
/** Whose fields depend on something else. */
export const anyObject = (description?: string) => Type.Record(Type.String(), Type.Unknown(), described(description))
export const optional = <T extends TSchema>(schema: T) => Type.Optional(schema)

/** `@TGS#...`, `@TGS#_...` for a community, or an id chosen by the app. */
export const GroupId = read(Type.String({ minLength: 1 }))

/** `GroupId` + `@TOPIC#_` + the topic's own part. */
export const TopicId = read(Type.String({ minLength: 1 }))

export const TopicIdList = Type.Union([Type.Array(Type.String()), Type.String()], { description: 'the topics; text by the table, a list in the example' })

/**
 * When it happened, in ms since 1970. The tables say Integer, the international examples quote it, real payloads send a number.
 * 15 digits reach the year 33658, which every database of ours can hold.
 */
export const EventTime = read(Type.Union([
  Type.Integer({ minimum: 0, maximum: 999_999_999_999_999 }),
  Type.String({ pattern: '^[0-9]{1,15}$' })
], { description: 'an integer of at most 15 digits, or the same in a string' }))

/** Custom fields; there only where the app enabled them. `Value` may be binary by the documentation, and an object by one SDK. */
export const UserDefinedDataList = read(Type.Array(
  read(Type.Object({ Key: Type.Optional(read(Type.String())), Value: Type.Optional(Type.Unknown()) })),
  { description: 'custom fields; there only where they are configured' }
))

/** https://www.tencentcloud.com/document/product/1047/33527 */
export const MsgBody = Type.Array(
  Type.Object({
    MsgType: Type.String({ description: 'TIMTextElem, TIMCustomElem, TIMFaceElem, TIMLocationElem, TIMImageElem, TIMSoundElem, TIMFileElem, TIMVideoFileElem, TIMRelayElem ...' }),
    MsgContent: Type.Record(Type.String(), Type.Unknown(), { description: 'its shape depends on MsgType' })
  }),
  { description: 'the elements of the message' }
)

export const ExtensionList = Type.Array(
  Type.Object({
    Key: Type.Optional(Type.String()),
    Value: Type.Optional(Type.String({ description: 'empty where it is deleted' })),
    Seq: Type.Optional(Type.Integer({ description: 'version of this one' }))
  }),
  { description: 'empty where all are cleared' }
)

/** In every body, and in none for sure: the command stands in the query too, and older versions of Tencent's servers send no time. */
export const common = {
  CallbackCommand: Type.Optional(Type.String({ description: 'as in the query' })),
  EventTime: Type.Optional(EventTime)
}
