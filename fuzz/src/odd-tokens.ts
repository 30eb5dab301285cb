import type { Randomness } from './randomness.ts'

/** Stands in values, signatures and tokens: it must be found in no log and in no answer. */
export const canary = 'canary7f3a'

const numbers = [
  '0', '-0', '1', '-1', '1.5', '1e308', '1e309', '-1e400', '5e-324', '1e-400', '9007199254740993', '144115212830834855', '-9223372036854775808', '4294967296', '1E+2', '0.1e1',
  '999999999999999', '1000000000000000', '123456789012345678901234567890', '1'.repeat(400), `0.${'0'.repeat(400)}1`
]
const strings = [
  '""', '" "', '"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', '"a\\ud83d"', '"\\ud83d\\ude00"', '"\u{1F600}"', '"\\u2028"', '"\u2028"', '"\\uFEFF"', '"\uFEFF"', '"\uFFFF"', '"\\r\\n"', '"\\/"', '"\\u0022"',
  '"e\u0301"', '"\u202Etxt"', '"null"', '"0"', '"1670574414123"', '"9999999999999999"', '"__proto__"', '"@TGS#_@TGS#a@TOPIC#_b"', '"@TOPIC#_"', '"%0d%0a"', '"\'; --"', `"${canary}"`
]
const notJson = [
  'NaN', 'Infinity', '-Infinity', 'undefined', '01', '-01', '+1', '.5', '1.', '1e', '0x10', '1_000', '1n', '--1', '\u22121', 'True', 'nil', 'nul', "'x'", '`x`', '"\\x41"', '"\\u12"', '"\\ud8"', '"\n"', '"\t"', '"\u0000"', '"open', '"\\"',
  '{', '}', '[', ']', ',', ':', '{,}', '[,]', '[1,]', '{"a":1,}', '{"a"}', '{"a":}', '{a:1}', '{1:1}', '/**/1', '1//', '(1)', '#', ';'
]

/** Names that mean something to JavaScript, to Baton, or to whoever spells paths. */
const keys = [
  '"__proto__"', '"constructor"', '"prototype"', '"toString"', '"valueOf"', '"hasOwnProperty"', '"toJSON"', '"then"', '"length"', '"0"', '"-1"', '""', '" "', '"\\u0000"', '"\\ud800"', '"a/b~c"', '"a.b[0]"', '"\u{1F600}"', '"\\n"', '"$ref"',
  '"CallbackCommand"', '"EventTime"', '"GroupId"', '"TopicId"', '"Operator_Account"', '"From_Account"', '"UserDefinedDataList"', '"groupid"', '"GroupId "', '"\\u0047roupId"', '"Callback\\u0043ommand"'
]

/** Deep enough to end whoever recurses. */
export function nested (random: Randomness, mostBytes: number): string {
  const [open, close, inside] = random.pick([['[', ']', ''], ['{"a":', '}', '1'], ['[{"__proto__":', '}]', 'null'], ['{"constructor":{"prototype":', '}}', '{}']] as const)
  const depth = Math.max(1, Math.floor(random.between(1, random.weighted([[6, 2_000], [3, 20_000], [1, mostBytes]])) / (open.length + close.length)))
  return open.repeat(depth) + inside + close.repeat(depth)
}

const longText = (random: Randomness): string => `"${random.pick(['x', '\u00E9', '\u{1F600}', '\\u0041', '\\\\'] as const).repeat(random.between(100, random.chance(0.1) ? 30_000 : 1_000))}"`

/** A value that is JSON. */
export const oddToken = (random: Randomness): string => random.weighted<() => string>([
  [3, () => random.pick(['null', 'true', 'false', '[]', '{}', '[[]]', '[null]', '{"":null}'])],
  [4, () => random.pick(numbers)],
  [5, () => random.pick(strings)],
  [0.5, () => longText(random)],
  [1, () => `{${random.pick(keys)}:${random.pick(strings)}}`],
  [0.5, () => nested(random, 200_000)]
])()

/** What some take for JSON. */
export const noToken = (random: Randomness): string => random.pick(notJson)

export const oddKey = (random: Randomness): string => random.chance(0.03) ? `"${'k'.repeat(random.between(300, 5_000))}"` : random.pick(keys)
