import { eventIdOf, eventKeysOf, examples, type Event } from '@baton/contracts'

/** An event that the ingress lets through, and what is odd about it. */
export interface HostileEvent {
  what: string
  event: Event
}

const mebibyte = 1_048_576
const group = 'Group.CallbackAfterCreateGroup'
const unknown = 'Group.CallbackAfterNovelty'

/**
 * The documented example of every command, and what else arrives one day. Each body holds the mark, so that every event is
 * another one than those of other runs, and a mark that turns up where it should not be tells of a leak.
 */
export function hostileEvents (mark: string): HostileEvent[] {
  const odd = (what: string, { command = unknown, body = {}, text, ...fields }: { command?: string, body?: object, text?: (json: string) => string } & Partial<Omit<Event, 'command' | 'body'>>): HostileEvent =>
    ({ what, event: { ...eventOf(command, { Mark: `${mark} ${what}`, ...body }, text), ...fields } })
  const inGroup = (what: string, body: object) => odd(what, { command: group, body: { ...examples[group], GroupId: `@TGS#${mark}`, ...body } })
  return [
    ...Object.entries(examples).map(([command, body]) => odd(`the example of ${command}`, { command, body })),
    odd('an unknown command', {}),
    odd('the longest command there can be', { command: `A.${'b'.repeat(126)}` }),
    odd('a body that begins with a byte order mark', { text: json => `\uFEFF${json}` }),
    odd('a body of 1 MiB', { text: json => json.replace('{', `{"Long":"${'x'.repeat(mebibyte - json.length - 10)}",`) }),
    odd('a body on many lines', { text: json => `\r\n\t${json.replaceAll(',"', ',\r\n\t"')}\n` }),
    odd('numbers that JavaScript cannot hold', { text: json => json.replace('{', '{"Id":144115212830834855,"Huge":1e400,"Tiny":-0.0,"Long":0.12345678901234567890123456789,') }),
    odd('keys that stand there twice, or mean something to JavaScript', { text: json => json.replace('{', '{"A":1,"A":2,"":3,"__proto__":{"polluted":true},"constructor":null,"toString":"x",') }),
    odd('5,000 levels', { text: json => json.replace('{', `{"Deep":${'['.repeat(5_000)}${']'.repeat(5_000)},`) }),
    odd('halves of characters and NUL, escaped', { text: json => json.replace('{', '{"Half":"\\ud83d","Other":"\\ude00","Nul":"a\\u0000b",') }),
    inGroup('emoji, combining marks and writing from right to left', { Name: '👩‍👩‍👧‍👦🏳️‍🌈 é שלום \u202Eabc 中文 \u2028\u2029' }),
    inGroup('a name that ends quotes and begins statements', { Name: '\'; DROP TABLE chat_event; -- "{{x}}" $1 %s \\ <script>' }),
    inGroup('NUL in a name', { Name: 'a\u0000b' }),
    inGroup('an empty name, and no members', { Name: '', MemberList: [] }),
    inGroup('a time in the far future', { EventTime: 9_999_999_999_999 }),
    odd('a query with escapes, line breaks and quotes', { query: 'SdkAppid=1400000000&CallbackCommand=x&a=%0d%0aX-Forged:%201&b="\'&c=%zz&d=%00&&=&é' }),
    odd('no query', { query: '' }),
    odd('a query of 9,000 characters', { query: `a=${'x'.repeat(9_000)}` }),
    odd('a key of 4,000 characters', { orderingKey: 'k'.repeat(4_000) }),
    odd('an app with the largest id', { appId: 4_294_967_295 }),
    odd('a before-command that was decided', { command: 'Group.CallbackBeforeCreateGroup', body: examples['Group.CallbackBeforeCreateGroup'], decision: { verdict: 'deny', by: 'fallback', took: 1.5 } })
  ]
}

/** An event as the ingress makes it of a body. */
export function eventOf (command: string, body: object, text: (json: string) => string = json => json): Event {
  const bytes = Buffer.from(text(JSON.stringify(body)))
  const { eventTime, orderingKey } = eventKeysOf(command, body)
  const id = eventIdOf({ appId: 1400000000, command, body: bytes, hasEventTime: true, requestId: undefined })
  return { id, appId: 1400000000, command, query: `SdkAppid=1400000000&CallbackCommand=${command}&contenttype=json&ClientIP=127.0.0.1&OptPlatform=RESTAPI`, receivedAt: Date.now(), eventTime, orderingKey: orderingKey || id, body: bytes }
}
