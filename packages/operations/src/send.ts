import { randomInt } from 'node:crypto'
import { commandFilter, isKnownCommand, isUsableCommand, knownCommands, readCallbackQuery, type KnownCommand } from '@baton/contracts'
import { FakeTencent, bareCallback, misbehaving, ofApp, postCallbacks, type FakeCallback, type Misbehaviour, type Outcome, type Posted, type Recording } from '@baton/fake-tencent'
import { BatonError } from '@baton/runtime'

export interface SendOptions {
  /** The ingress. */
  to: string
  /** Commands and patterns, in which * stands for any characters: what is made up, or what of a recording is sent. */
  commands: readonly string[]
  /** SDKAppID of callbacks that are made up, and of bodies. */
  appId: number
  /** Recorded callbacks become callbacks of that app; else they stay what they are. */
  replaceApp?: boolean
  /** Signs all callbacks as Tencent would. */
  token?: string | undefined
  /** By SDKAppID, signs those that `token` does not sign. */
  tokens?: ReadonlyMap<number, string> | undefined
  /** Recorded callbacks, or bodies of the one command that is named, to send in turn; made up if left out. */
  recording?: Exclude<Recording, { kind: 'unfit' }> | undefined
  /** If left out: each command once, each recorded callback once, one body. */
  count?: number | undefined
  /** Callbacks a second, whether they are answered or not; if left out, each connection waits for the answer to the one before. */
  rate?: number | undefined
  /** Connections at once: 1, or with a rate as many as it takes. */
  connections?: number | undefined
  /** Makes the same callbacks and the same misbehaviour every time. An unsigned 32-bit number; if left out, callbacks are like no others and of now. */
  seed?: number | undefined
  misbehave?: readonly Misbehaviour[] | undefined
  /** How many of them misbehave, from 0 to 1; all if left out. */
  share?: number | undefined
  /** Ends it early. */
  signal?: AbortSignal | undefined
  /** Told how many are to be sent, before the first; what is repeated on purpose comes on top. */
  onStart?: (count: number) => void
  /** Told what became of each. */
  onOutcome?: (outcome: Outcome) => void
}

/** Posts callbacks to an ingress as Tencent's backend would. Throws INGRESS_UNREACHABLE where the first one gets no answer. */
export async function send (options: SendOptions): Promise<Posted> {
  const { to, token, tokens = new Map<number, string>(), seed = randomInt(2 ** 32), misbehave = [], share, rate, connections, signal, onStart = () => {}, onOutcome = () => {} } = options
  if (!URL.canParse(to) || !['http:', 'https:'].includes(new URL(to).protocol)) throw new BatonError('BAD_ARGUMENT', `${to} is no URL of an ingress; one is http://127.0.0.1:7080/.`)
  if (share !== undefined && misbehave.length === 0) throw new BatonError('BAD_ARGUMENT', 'A share of them is to misbehave, but in no way: name some with --misbehave, or leave out --share.')
  const { count, next } = sourceOf(options, seed)
  if (misbehave.some(kind => forgeries.has(kind)) && token === undefined && tokens.size === 0) {
    throw new BatonError('BAD_ARGUMENT', 'There is no token, so no signature can be wrong. Name the token of the app with --token, or write it into the relay file.')
  }
  if (misbehave.includes('drift') && options.recording !== undefined) {
    throw new BatonError('BAD_ARGUMENT', 'What stands in a file is sent as it is and does not drift. Leave out drift, or the file.')
  }
  onStart(count)
  const tokenOf = (callback: FakeCallback) => token ?? tokens.get(Number(readCallbackQuery(callback.query).sdkAppId))
  const { unreachable, ...posted } = await postCallbacks(misbehaving(count, next, { kinds: misbehave, share, seed }), { to, tokenOf, rate, connections, signal, onOutcome })
  if (unreachable !== undefined) {
    const [{ reason } = { reason: unreachable.message }] = posted.silences
    throw new BatonError('INGRESS_UNREACHABLE', `The ingress at ${new URL(to).origin} does not answer (${reason}). ${otherProtocol(to, unreachable)}Start it with npm start, or name another one with --to.`, { cause: unreachable })
  }
  return posted
}

/** What a server that speaks the other protocol looks like, if it was there. */
function otherProtocol (to: string, error: Error): string {
  const code = 'code' in error ? String(error.code) : ''
  if (to.startsWith('https:')) return code === 'EPROTO' ? 'If it speaks plain HTTP, write http:// instead of https://. ' : ''
  return code === 'ECONNRESET' || code.startsWith('HPE_') ? 'If it speaks HTTPS, write https:// instead of http://. ' : ''
}

/** These ask for a token. */
const forgeries: ReadonlySet<Misbehaviour> = new Set(['stale', 'wrong-sign', 'unsigned'])

interface Source {
  count: number
  next: (options: { drift: boolean }) => FakeCallback
}

function sourceOf (options: SendOptions, seed: number): Source {
  switch (options.recording?.kind) {
    case 'callbacks': return recorded(options, options.recording.callbacks)
    case 'bodies': return bare(options, options.recording.bodies)
    case undefined: return madeUp(options, seed)
  }
}

function madeUp ({ commands, appId, count, seed: given }: SendOptions, seed: number): Source {
  const chosen = [...new Set(commands.flatMap(commandsLike))]
  if (chosen.length === 0) throw new BatonError('BAD_ARGUMENT', "Name a command such as Group.CallbackAfterCreateTopic, a pattern such as 'Group.*', or all of them with --all.")
  const tencent = new FakeTencent({ seed, appId, ...given === undefined ? { clock: strictlyIncreasing() } : {} })
  const nextCommand = inTurn(chosen)
  return { count: count ?? chosen.length, next: drift => tencent.callback(nextCommand(), drift) }
}

/** Today's callbacks are told apart by their time alone where they are of the same group. */
function strictlyIncreasing (): () => number {
  let last = 0
  return () => {
    last = Math.max(last + 1, Date.now())
    return last
  }
}

function commandsLike (pattern: string): KnownCommand[] {
  if (isKnownCommand(pattern)) return [pattern]
  const like = isPattern(pattern) ? knownCommands.filter(commandFilter([pattern])) : []
  if (like.length > 0) return like
  throw new BatonError('BAD_ARGUMENT', `${pattern.includes('*') ? 'No known command is like' : 'There is no example of'} ${pattern}. Known are ${knownNear(pattern)}; for another command name a file with bodies.`)
}

/** The commands with the same beginning; where there is none, all beginnings. */
function knownNear (pattern: string): string {
  const beginning = (command: string) => `${command.split('.')[0]}.`
  const near = knownCommands.filter(command => beginning(command) === beginning(pattern))
  return (near.length > 0 ? near : [...new Set(knownCommands.map(command => `${beginning(command)}*`))]).join(', ')
}

const isPattern = (text: string): boolean => isUsableCommand(text.replaceAll('*', 'x'))

function recorded ({ commands, appId, replaceApp = false, count }: SendOptions, callbacks: readonly FakeCallback[]): Source {
  const wanted = commands.length === 0 ? () => true : commandFilter(commands.filter(isPattern))
  const chosen = callbacks.filter(({ command }) => wanted(command))
  if (chosen.length === 0) throw new BatonError('BAD_ARGUMENT', `Nothing in the file is a callback of ${commands.join(', ')}. Leave out the command to send all.`)
  const next = inTurn(chosen)
  return { count: count ?? chosen.length, next: () => replaceApp ? ofApp(next(), appId) : next() }
}

function bare ({ commands, appId, count = 1 }: SendOptions, bodies: readonly Buffer[]): Source {
  const [command, ...more] = commands
  if (command === undefined || more.length > 0 || command.includes('*')) throw new BatonError('BAD_ARGUMENT', 'The file holds bare bodies: name the one command that they are of.')
  const next = inTurn(bodies)
  return { count, next: () => bareCallback(command, appId, next()) }
}

/** Each in turn, and the first again after the last; there must be one. */
function inTurn<T> (items: readonly T[]): () => T {
  let turns = 0
  return () => {
    const item = items[turns++ % items.length]
    if (item === undefined) throw new RangeError('there is nothing to take turns')
    return item
  }
}
