import type { Random } from './random.ts'

/** Whatever people write: several bytes a character, several characters a sign, right to left, and what other languages quote. At most 27 bytes each. */
const names = [
  'Release planning', '周末爬山 ⛰️', '🎉🎂 party', 'Команда «А»', 'فريق العمل', '家族👨‍👩‍👧', '100% #general', 'naïve café', 'e\u0301le\u0300ves', 'R&D <b>"lab"</b>', "O'Brien; DROP --",
  'back\\slash/slash', '東京🗼🇯🇵', 'null', '0042', ' spaces  around ', 'tab\there', '\u202Ettel ot thgir', 'zero\u200Bwidth', '{"not":"json"}', '한국어 방', '𝔉𝔯𝔞𝔨', '-', '🏳️‍🌈 pride'
]

/** Of a group, topic, room or account: at most 30 bytes of UTF-8, which is Tencent's limit for groups. */
export const nameFrom = (random: Random): string => random.pick(names) + (random.chance(0.5) ? ` ${random.between(2, 99)}` : '')

const sentences = [
  'red packet', 'Good morning! ☀️', '你好，世界', 'see you at 5:30 p.m.', 'first line\nsecond line\r\nthird', 'He said: "no\\yes".', '👍🏽'.repeat(20), 'https://example.com/?a=1&b=%20#top',
  'مرحبا بالعالم', 'line\u2028separator', 'price: 9007199254740993', 'bell\u0007', '<script>alert(1)</script>', '{{x}} %s $(id)', ''
]

/** A message or description; long ones are rare. */
export const sentenceFrom = (random: Random): string => random.chance(0.03) ? '长'.repeat(random.between(300, 2_000)) : random.pick(sentences)

/** Data of the app's own that goes with something: JSON, Base64, or anything. */
export const customDataFrom = (random: Random): string => random.pick([
  'your cloud custom data',
  '{"orderId":144115212830834855,"vip":true,"note":"🎁"}',
  'AAEC/wD+/8DBPz8+Pw==',
  '<order id="7"/>',
  sentenceFrom(random)
])

const pages = ['https://example.com', 'http://cdn.example.com:8080', 'https://例え.example']

export const urlFrom = (random: Random, ending: string): string => `${random.pick(pages)}/${random.hex(16)}.${ending}?imageView2/3/w/198&e=1%2B1`

const Base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Of 32 bytes, as the ids of battles are. */
export const base64From = (random: Random): string => `${random.text(Base64, 42)}${random.pick(['A', 'E', 'I', 'M', 'Q', 'U', 'Y', 'c', 'g', 'k', 'o', 's', 'w', '0', '4', '8'])}=`

export const uuidFrom = (random: Random): string =>
  `${random.hex(8)}-${random.hex(4)}-4${random.hex(3)}-${random.pick(['8', '9', 'a', 'b'])}${random.hex(3)}-${random.hex(12)}`
