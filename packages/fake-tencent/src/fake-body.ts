import { entryOf } from '@baton/contracts'
import type { TSchema } from '@sinclair/typebox'
import { isJsonObject, type Json, type JsonObject } from './json.ts'
import { ruleOf } from './rules/rules.ts'
import type { Scene } from './scene.ts'
import { sentenceFrom } from './words.ts'

/** How often an optional field is there: one that the example has, and one that it has not. */
const shownShare = 0.8
const hiddenShare = 0.35

/** Optional fields that are there or not by what else is told: their rules leave them out. */
const ruled: ReadonlySet<string> = new Set(['EventTime', 'TopicId', 'Member_Account', 'Modified_Account', 'MsgKey', 'GroupID', 'DeviceType', 'PushPlatform', 'TextContent', 'FileURL'])

/** A body of the scene's command: the fields of its schema, told by the scene, in the order of the documented example. */
export function fakeBody (scene: Scene): JsonObject {
  const { command, example, drift } = scene.setting
  const schema = entryOf(command)?.body
  const body = schema === undefined ? {} : fill(schema, example, scene, '')
  return ordered(drift ? { ...body, Undocumented: { Since: 2027 } } : body, scene)
}

function fill (schema: TSchema, shown: JsonObject, scene: Scene, within: string): JsonObject {
  const properties: Record<string, TSchema> = schema.properties ?? {}
  const body: JsonObject = {}
  for (const name of namesIn(schema, shown, scene)) {
    const field = properties[name]
    const value = field === undefined ? undefined : valueOf(field, shown[name], scene, within, name)
    if (value !== undefined) body[name] = value
  }
  return body
}

/** Which fields are told: all that are required; in a plain scene those of the example, else optional ones come and go. */
function namesIn (schema: TSchema, shown: JsonObject, { setting: { plain, command }, random }: Scene): string[] {
  if (plain) return Object.keys(shown)
  const required: readonly string[] = schema.required ?? []
  const isTold = (name: string) => {
    if (required.includes(name) || ruled.has(name)) return true
    if (name === 'CallbackCommand') return name in shown
    if (!(name in shown)) return random.chance(hiddenShare)
    // Where the schema requires nothing, all that the example has is always there, but of what an update leaves as it is.
    const isLoose = required.length === 0 && !command.includes('Update')
    return isLoose || name === 'RoomId' || random.chance(shownShare)
  }
  const names = [...new Set([...Object.keys(shown), ...Object.keys(schema.properties ?? {})])]
  const told = names.filter(isTold)
  // A change that changes nothing is not told.
  const mayChange = names.filter(name => name in shown && !required.includes(name) && !ruled.has(name) && name !== 'CallbackCommand')
  return command.endsWith('Changed') && !mayChange.some(name => told.includes(name)) ? [...told, ...mayChange] : told
}

function valueOf (schema: TSchema, shown: Json | undefined, scene: Scene, within: string, name: string): Json | undefined {
  const { command, drift } = scene.setting
  if (name === 'CallbackCommand') return command
  if (drift && isLargeAccount(name, shown)) return BigInt(shown)
  const rule = ruleOf(command, within, name)
  if (rule !== undefined) return rule(scene, shown)
  if (schema.type === 'object') return fill(schema, isJsonObject(shown) ? shown : {}, scene, name)
  if (schema.type === 'array' && schema.items.type === 'object') {
    const elements = Array.isArray(shown) ? shown.filter(isJsonObject) : []
    const example = (nth: number) => elements[nth % elements.length] ?? {}
    return Array.from({ length: scene.lengthOf(name, elements.length) }, (_, nth) => fill(schema.items, example(nth), scene.element(nth), name))
  }
  if (scene.setting.plain && shown !== undefined) return shown
  if (schema.type === 'boolean') return scene.random.chance(0.5)
  if (schema.type === 'integer') return scene.random.pick([0, 1, scene.random.between(2, 100), scene.random.uint32()])
  return sentenceFrom(scene.random)
}

/** Where the examples of the documentation show an account as a number that JavaScript cannot hold; ours have it as text. */
const isLargeAccount = (name: string, shown: Json | undefined): shown is string =>
  name.endsWith('_Account') && typeof shown === 'string' && /^\d{16,}$/.test(shown)

/** Real callbacks of groups have their fields sorted by name; those of messages between two, and of edits, begin with the message. */
function ordered (body: JsonObject, { setting: { plain, command } }: Scene): JsonObject {
  if (plain) return body
  const fields = Object.entries(body)
  if (command.startsWith('Group.')) fields.sort(([one], [other]) => one < other ? -1 : 1)
  const first = fields.filter(([name]) => name === 'MsgBody' && /^C2C\.|ModifyMsg$/.test(command))
  return Object.fromEntries([...first, ...fields.filter(field => !first.includes(field))])
}
