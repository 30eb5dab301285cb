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
export const account = (description?: string) => Type.String(described(description))
export const integer = (description?: string) => Type.Integer(described(description))
export const flag = (description?: string) => Type.Boolean(described(description))
export const list = <T extends TSchema>(items: T, description?: string) => Type.Array(items, described(description))
export const object = <P extends TProperties>(fields: P, description?: string) => Type.Object(fields, described(description))
/** None of whose fields is required. */
export const loose = <P extends TProperties>(fields: P, description?: string) => Type.Partial(Type.Object(fields), described(description))
/** Whose fields depend on something else. */
const anyObject = (description?: string) => Type.Record(Type.String(), Type.Unknown(), described(description))
export const optional = <T extends TSchema>(schema: T) => Type.Optional(schema)

export const GroupId = read(Type.String({ minLength: 1, description: 'the group: @TGS#..., @TGS#_... for a community, or an id that the app chose' }))

export const TopicId = read(Type.String({ minLength: 1, description: 'the topic: the GroupId of its community, @TOPIC#_ and a part of its own' }))

export const TopicIdList = Type.Union([Type.Array(Type.String()), Type.String()], { description: 'a list of TopicIds, or text: one edition of the documentation says so' })

export const GroupType = text('Private (or Work), Public, ChatRoom (or Meeting), AVChatRoom, Community, Live, or one that the app defined; an open set')

/**
 * When it happened, in ms since 1970. The tables say Integer, the international examples quote it, real payloads send a number.
 * 15 digits reach the year 33658, which every database of ours can hold.
 */
const EventTime = read(Type.Union([
  Type.Integer({ minimum: 0, maximum: 999_999_999_999_999 }),
  Type.String({ pattern: '^[0-9]{1,15}$' })
], { description: 'the time of the event in ms since 1970: an integer of at most 15 digits, or the same in a string' }))

/** Custom fields; there only where the app enabled them. `Value` may be binary by the documentation, and an object by one SDK. */
export const UserDefinedDataList = read(Type.Array(
  read(Type.Object({
    Key: Type.Optional(read(Type.String({ description: 'name of the field' }))),
    Value: Type.Optional(Type.Unknown({ description: 'text as a rule; up to 512 bytes of anything by the documentation' }))
  })),
  { description: 'custom fields; there only where they are configured' }
))

/** https://www.tencentcloud.com/document/product/1047/33527 */
export const MsgBody = Type.Array(
  Type.Object({
    MsgType: Type.String({ description: 'TIMTextElem, TIMCustomElem, TIMFaceElem, TIMLocationElem, TIMImageElem, TIMSoundElem, TIMFileElem, TIMVideoFileElem, TIMRelayElem; an open set' }),
    MsgContent: anyObject('its fields depend on MsgType')
  }),
  { description: 'the elements of the message' }
)

export const MsgTime = integer('when the message was sent, in s since 1970')
export const MsgRandom = integer('a random number that the client gave the message; unsigned, 32 bits')
export const MsgId = text('the id that the client gave the message: <tinyid>-<seconds>-<random>')
export const MsgKey = text('the key of the message: MsgSeq_MsgRandom_MsgTime')
export const CloudCustomData = text('data of the app that goes with the message; there only where the sender set it')
export const OnlineOnlyFlag = integer('1 for a message that reaches only those who are online, else 0')

export const ClientMsgSeq = integer('number that the client gave the message; unsigned, 32 bits')

/** What tells one message between two accounts from the next. */
export const oneToOneMessage = { MsgSeq: ClientMsgSeq, MsgRandom, MsgTime, MsgKey, MsgId: Type.Optional(MsgId), OnlineOnlyFlag }

export const OperateType = integer('1 set, 2 delete, 3 clear')
export const ExtensionList = Type.Array(
  Type.Object({
    Key: Type.Optional(Type.String({ description: 'name of the extension' })),
    Value: Type.Optional(Type.String({ description: 'empty where it is deleted' })),
    Seq: Type.Optional(Type.Integer({ description: 'version of this extension' }))
  }),
  { description: 'the extensions; empty where all are cleared' }
)

/** What a callback of cloud recording says, alone or wrapped in one of a call. */
export const cloudRecording = {
  EventGroupId: integer('the kind of callback, no group: 3 for cloud recording'),
  EventType: integer('as in the callbacks of cloud recording: 301 for the start, 305 ...; an open set'),
  CallbackTs: integer('when the callback was sent, in ms since 1970'),
  EventInfo: loose({
    RoomId: text('the room'),
    EventTs: integer('when it happened, in s since 1970'),
    EventMsTs: integer('when it happened, in ms since 1970'),
    UserId: text('the user that stands for the recorder'),
    TaskId: text('id of the recording'),
    Payload: loose({ Status: integer('0 where it goes well') }, 'its fields depend on EventType')
  }, 'what happened')
}

/** In every body, and in none for sure: the command stands in the query too, and older versions of Tencent's servers send no time. */
export const common = {
  CallbackCommand: Type.Optional(Type.String({ description: 'the command, as in the query' })),
  EventTime: Type.Optional(EventTime)
}
