import { examples } from '@baton/contracts'

export const sdkAppId = '1400000000'
const command = 'Group.CallbackAfterCreateTopic'

/** Path and query of every callback, as Tencent's backend spells them; no token, so unsigned. */
export const target = `/?SdkAppid=${sdkAppId}&CallbackCommand=${command}&contenttype=json&ClientIP=203.0.113.7&OptPlatform=RESTAPI`

const number = '{number}'

const { GroupId, TopicId, ...example } = examples[command]

/** A callback of about 600 bytes, cut where the number goes that makes it unlike all others. Its community is one of many too. */
export const bodyPieces: readonly string[] = JSON.stringify({
  ...example,
  GroupId: `${GroupId}${number}`,
  TopicId: `${TopicId.replace(GroupId, `${GroupId}${number}`)}${number}`,
  Name: `Release planning ${number}`,
  UserDefinedDataList: [
    { Key: 'department', Value: 'Platform engineering, second floor' },
    { Key: 'created_from', Value: 'https://intranet.example.com/rooms' }
  ],
  EventTime: 1670574414123
}).split(number)

/** Digits that come after the prefix. */
export const digits = 10
