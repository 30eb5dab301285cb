import type { JsonObject } from './json.ts'
import type { Random } from './random.ts'
import { customDataFrom, nameFrom, sentenceFrom, urlFrom, uuidFrom } from './words.ts'

/** The elements of a message, mostly one. https://www.tencentcloud.com/document/product/1047/33527 */
export const messageElements = (random: Random): JsonObject[] =>
  Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, () => random.pick(kinds)(random))

const element = (MsgType: string, MsgContent: JsonObject): JsonObject => ({ MsgType, MsgContent })

const textElement = (random: Random) => element('TIMTextElem', { Text: sentenceFrom(random) })

const kinds: ReadonlyArray<(random: Random) => JsonObject> = [
  textElement,
  textElement,
  random => element('TIMCustomElem', { Data: customDataFrom(random), Desc: nameFrom(random), Ext: customDataFrom(random), Sound: 'dingdong.aiff' }),
  random => element('TIMFaceElem', { Index: random.between(0, 300), Data: 'smile' }),
  random => element('TIMLocationElem', { Desc: nameFrom(random), Latitude: random.between(-9_000, 9_000) / 100, Longitude: random.uint32() / 2 ** 32 * 360 - 180 }),
  random => element('TIMImageElem', {
    UUID: random.hex(32),
    ImageFormat: random.pick([1, 2, 3, 255]),
    ImageInfoArray: [1, 2, 3].map(Type => ({ Type, Size: random.between(1_000, 20_000_000), Width: random.between(1, 8_000), Height: random.between(1, 8_000), URL: urlFrom(random, 'jpg') }))
  }),
  random => element('TIMSoundElem', { Url: urlFrom(random, 'm4a'), UUID: uuidFrom(random), Size: random.between(1, 28_000_000), Second: random.between(1, 60), Download_Flag: 2 }),
  random => element('TIMFileElem', { Url: urlFrom(random, 'pdf'), UUID: uuidFrom(random), FileSize: random.between(0, 100_000_000), FileName: `${nameFrom(random)}.pdf`, Download_Flag: 2 }),
  random => element('TIMVideoFileElem', {
    VideoUrl: urlFrom(random, 'mp4'),
    VideoUUID: uuidFrom(random),
    VideoSize: random.uint32(),
    VideoSecond: random.between(1, 600),
    VideoFormat: 'mp4',
    VideoDownloadFlag: 2,
    ThumbUrl: urlFrom(random, 'jpg'),
    ThumbUUID: uuidFrom(random),
    ThumbSize: random.between(1, 99_999),
    ThumbWidth: 720,
    ThumbHeight: 1_280,
    ThumbFormat: 'JPG',
    ThumbDownloadFlag: 2
  }),
  random => element('TIMRelayElem', { Title: nameFrom(random), MsgNum: 2, CompatibleText: 'update your app', AbstractText: ['a: hi', `b: ${sentenceFrom(random)}`], MsgList: [{ MsgSeq: random.uint32(), MsgBody: [textElement(random)] }] })
]
