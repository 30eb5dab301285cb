import { knownCommands } from '@baton/contracts'
import { guardedApp, openApp, signedApp } from './apps.ts'
import type { Draft } from './draft.ts'
import { canary } from './odd-tokens.ts'

type Change = (draft: Draft) => void

const own = String(openApp.sdkAppId)
const foreign = [
  '', '0', '1', '-1', `${own}0`, '140000000', '1400000002', `+${own}`, `${own}+`, `%20${own}`, `${own}%00`, `0${own}`, `${own}.0`, '1.4e9', '0x53724E00', '1400000000,1400000001', '%EF%BC%91400000000',
  'undefined', 'null', 'NaN', '__proto__', 'constructor', 'toString', '[object+Object]', `${own}%`, `${own}#`, canary
]
/** What no URL decoder can make sense of, or each another one. */
const percentErrors = ['%', '%%', '%z', '%zz', '%1', '%u0041', '%C0%80', '%ED%A0%80', '%F4%90%80%80', '%FF', '%E4%BD', '%00', '%0d%0a', '%2', '%-1', '+%', '%25zz', '%e4%bd%a0']
/** What a URL may have but no parameter needs; and what it may not have. */
const printable = ['!', '$', "'", '(', ')', '*', ',', ';', ':', '@', '/', '?', '[', ']', '{', '}', '|', '\\', '^', '`', '<', '>', '"', '~', '&', '=', '&&', '==', '&=&', '?&', '=a']
const unprintable = ['\x01', '\x07', '\t', '\f', '\x0B', '\x1B', '\x7F', '\x80', '\xC3\xA9', '\xFF']

const encodedWholly = (text: string): string => [...text].map(letter => `%${letter.charCodeAt(0).toString(16).padStart(2, '0')}`).join('')

const repeat = (draft: Draft, name: string, value: string): void => { draft.query.splice(draft.random.between(0, draft.query.length), 0, [name, value]) }

const changes: Record<string, readonly [weight: number, Change]> = {
  'no SdkAppid': [3, draft => { draft.drop('SdkAppid') }],
  'a foreign SdkAppid': [7, draft => { draft.set('SdkAppid', draft.random.pick(foreign)) }],
  'an app that takes nothing from us': [2, draft => { draft.set('SdkAppid', String(guardedApp.sdkAppId)) }],
  'SdkAppid in the other spelling': [2, draft => { draft.query = draft.query.map(([name, value]) => [name === 'SdkAppid' ? 'SdkAppId' : name, value]) }],
  'SdkAppid in a wrong spelling': [1, draft => { draft.query = draft.query.map(([name, value]) => [name === 'SdkAppid' ? draft.random.pick(['sdkappid', 'SDKAppID', 'SdkAppid[]', 'SdkAppid%00', ' SdkAppid', '+SdkAppid']).replaceAll(' ', '%20') : name, value]) }],
  'SdkAppid in both spellings': [2, draft => { repeat(draft, 'SdkAppId', draft.random.pick([own, own, String(signedApp.sdkAppId), String(guardedApp.sdkAppId), '', '1'])) }],
  'SdkAppid twice': [3, draft => { repeat(draft, 'SdkAppid', draft.random.pick([own, own, String(signedApp.sdkAppId), String(guardedApp.sdkAppId), '', '1'])) }],
  'a parameter percent-encoded': [3, draft => {
    draft.query = draft.query.map(([name, value]) => draft.random.chance(0.5) ? [encodedWholly(name), value] : [name, value === undefined ? value : value.includes('%') ? value : encodedWholly(value)])
  }],
  'another order': [2, draft => { draft.query = draft.random.shuffled(draft.query) }],
  'percent errors': [5, draft => {
    const error = draft.random.pick(percentErrors)
    const parameter = draft.random.pick(draft.query.length > 0 ? draft.query : [['a', ''] satisfies [string, string]])
    draft.random.pick([
      () => { repeat(draft, error, error) },
      () => { repeat(draft, 'a', error) },
      () => { parameter[1] = `${parameter[1] ?? ''}${error}` },
      () => { parameter[0] = `${error}${parameter[0]}` }
    ])()
  }],
  'printable oddities': [3, draft => { draft.random.chance(0.5) ? repeat(draft, draft.random.pick(printable), draft.random.pick(printable)) : repeat(draft, 'a', draft.random.pick(printable)) }],
  'unprintable oddities': [1.5, draft => {
    draft.dubious = true
    repeat(draft, 'a', draft.random.pick(unprintable))
  }],
  'many parameters': [1, draft => {
    const [name, value] = draft.random.pick([['a', undefined], ['', undefined], ['a', '1'], ['RequestID', '1'], ['SdkAppid', own], ['%61', '%62']] as const)
    const count = draft.random.pick([100, 1_000, 2_500, 10_000])
    for (let nth = 0; nth < count; nth++) draft.query.push([name, value])
  }],
  'a long value': [1, draft => { draft.query.push(['a', 'x'.repeat(draft.random.between(1_000, 17_000))]) }],
  'a fragment': [0.5, draft => { draft.tail = draft.random.pick(['#', '#x', '#?SdkAppid=1']) }],
  'no query': [1, draft => { draft.query = [] }],
  'two question marks': [0.5, draft => { draft.path += '?' }],
  'RequestID given differently': [1, draft => {
    repeat(draft, 'RequestID', draft.random.pick(['', 'a', canary, '%00', '%ED%A0%80', '%C3%A9', 'x'.repeat(300)]))
    if (draft.random.chance(0.5)) repeat(draft, 'RequestId', 'b')
  }]
}

const weights = Object.entries(changes).map(([name, [weight, change]]) => [weight, { name, change }] as const)

/** Changes the query. Answers what it did. */
export function changeQuery (draft: Draft): string {
  const { name, change } = draft.random.weighted(weights)
  change(draft)
  return name
}

/** Commands that are none, or that nobody knows. */
const oddCommands = [
  'Group.CallbackAfterNovelty', 'Novelty', 'a', 'A.', 'Group.CallbackBeforeNovelty', 'Sns.CallbackPrevNovelty', 'X.CallbackBefore', 'Baton.Probe', 'Baton.Novelty', 'group.callbackaftercreategroup', 'toString', 'constructor', '__proto__', 'hasOwnProperty',
  '', ' ', ' Group.CallbackAfterCreateGroup', 'Group.CallbackAfterCreateGroup ', 'Group.CallbackAfterCreateGroup\0', 'Group.CallbackAfterCreateGroup\n', '.a', '_a', '1a', 'a-b', 'a:b', 'a/b', 'a*', '*', 'é', 'A\r\nB: c', '\x1B[2J', '\u{1F600}', '\u202Ea',
  `${canary}!`, `A${'b'.repeat(127)}`, `A${'b'.repeat(128)}`, `A.CallbackBefore${'b'.repeat(184)}`, 'x'.repeat(200), '\x01'.repeat(200)
]

const another = (draft: Draft): string => draft.random.weighted<() => string>([
  [1, () => draft.random.pick(knownCommands)],
  [2, () => draft.random.pick(oddCommands)],
  [0.3, () => String.fromCharCode(...Array.from({ length: draft.random.between(1, 200) }, () => draft.random.below(0x7F)))]
])()

const inQuery = (draft: Draft, command: string): void => { draft.set('CallbackCommand', encodeURIComponent(command)) }

function inBody ({ object }: Draft, command: string | undefined): void {
  if (object === undefined) return
  object.members = object.members.filter(({ key }) => key !== '"CallbackCommand"')
  if (command !== undefined) object.members.push({ key: '"CallbackCommand"', value: { token: JSON.stringify(command) } })
}

const commandChanges: Record<string, readonly [weight: number, Change]> = {
  'another command in the query': [4, draft => { inQuery(draft, another(draft)) }],
  'another command in the body': [3, draft => { inBody(draft, another(draft)) }],
  'another command in both': [6, draft => {
    const command = another(draft)
    inQuery(draft, command)
    inBody(draft, command)
  }],
  'another command in the query alone': [4, draft => {
    inQuery(draft, another(draft))
    inBody(draft, undefined)
  }],
  'another command in the body alone': [4, draft => {
    inBody(draft, another(draft))
    draft.random.chance(0.5) ? draft.drop('CallbackCommand') : draft.set('CallbackCommand', '')
  }],
  'the command in the query alone': [2, draft => { inBody(draft, undefined) }],
  'the command in the body alone': [4, draft => { draft.random.chance(0.7) ? draft.drop('CallbackCommand') : draft.set('CallbackCommand', draft.random.pick(['', undefined])) }],
  'no command': [5, draft => {
    draft.drop('CallbackCommand')
    inBody(draft, draft.random.chance(0.8) ? undefined : '')
  }],
  'the command twice': [4, draft => { repeat(draft, 'CallbackCommand', draft.random.chance(0.4) ? draft.get('CallbackCommand') ?? '' : encodeURIComponent(another(draft))) }]
}

const commandWeights = Object.entries(commandChanges).map(([name, [weight, change]]) => [weight, { name, change }] as const)

/** Changes which command it is, in the query and in the body. Answers what it did. */
export function changeCommand (draft: Draft): string {
  const { name, change } = draft.random.weighted(commandWeights)
  change(draft)
  return name
}
