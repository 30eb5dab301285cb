import { createHash } from 'node:crypto'
import { signedApp } from './apps.ts'
import type { Draft } from './draft.ts'
import { canary } from './odd-tokens.ts'

type Change = (draft: Draft) => void

const [token = ''] = signedApp.tokens
/** RequestTime that is no time, signed all the same. */
const noTimes = ['0', '-1', '1e9', '1.5', '0x5f5e100', ' 1', '1 ', '9999999999999', '999999999999', 'soon', '__proto__', '\0', '\u0661', 'Infinity', canary]

const changes: Record<string, readonly [weight: number, Change]> = {
  'no Sign': [4, draft => { draft.drop('Sign') }],
  'no RequestTime': [3, draft => { draft.drop('RequestTime') }],
  'neither Sign nor RequestTime': [3, draft => { draft.drop('Sign', 'RequestTime') }],
  'an empty Sign': [2, draft => { draft.set('Sign', draft.random.pick(['', undefined])) }],
  'an empty RequestTime': [1, draft => { draft.set('RequestTime', draft.random.pick(['', undefined])) }],
  'a wrong token': [6, draft => { draft.sign({ token: draft.random.pick(['', 'x', `${token} `, `${token}\0`, token.toUpperCase(), canary]) }) }],
  'a wrong Sign': [6, draft => {
    const sign = draft.get('Sign') ?? ''
    draft.set('Sign', draft.random.pick([sign.toUpperCase(), sign.slice(1), `${sign}0`, `${sign}%00`, `+${sign}`, `%EF%BC%91${sign.slice(1)}`, sign.replace(/./, '%zz'), token, canary, 'x'.repeat(5_000), createHash('sha256').update(draft.body).digest('hex')]))
  }],
  'an old RequestTime': [6, draft => { draft.sign({ requestTime: String(draft.now - draft.random.pick([3_600, 86_400, 1e9, 1_500_000_000])) }) }],
  'a RequestTime to come': [4, draft => { draft.sign({ requestTime: String(draft.now + draft.random.pick([3_600, 86_400, 1e9])) }) }],
  'a RequestTime in ms': [3, draft => { draft.sign({ requestTime: String(1_000 * draft.now) }) }],
  'a RequestTime that is no time': [4, draft => { draft.sign({ requestTime: draft.random.pick(noTimes) }) }],
  'another RequestTime than was signed': [2, draft => { draft.set('RequestTime', String(draft.now - 21)) }],
  'Sign twice': [2, draft => { draft.query.splice(draft.random.between(0, draft.query.length), 0, ['Sign', draft.random.pick([draft.get('Sign') ?? '', canary])]) }],
  'RequestTime twice': [1, draft => { draft.query.splice(draft.random.between(0, draft.query.length), 0, ['RequestTime', draft.random.pick([draft.get('RequestTime') ?? '', '1'])]) }],
  'Sign percent-encoded': [2, draft => { draft.query = draft.query.map(([name, value]) => name === 'Sign' ? [draft.random.pick(['Sig%6e', '%53ign', 'Sign']), value?.replace(/^./, digit => `%${digit.charCodeAt(0).toString(16)}`)] : [name, value]) }]
}

const weights = Object.entries(changes).map(([name, [weight, change]]) => [weight, { name, change }] as const)

/** Makes it a callback of the app that wants them signed, and does that in some other way. Answers how. */
export function changeSignature (draft: Draft): string {
  draft.set('SdkAppid', String(signedApp.sdkAppId))
  draft.sign()
  const { name, change } = draft.random.weighted(weights)
  change(draft)
  return name
}
