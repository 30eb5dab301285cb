import * as jetstream from '@nats-io/jetstream'
import * as natsCore from '@nats-io/transport-node'
import { AuthenticationError, MultipleErrors, NetworkError, ProtocolError, TimeoutError, UnsupportedApiError, UserError, protocolErrors } from '@platformatic/kafka'
import { DatabaseError } from 'pg'
import t from 'tap'
import { NoConnection, RelayDocument } from '@baton/runtime'
import { anEvent, receiver } from '@baton/testing'
import { readTargets, rowsOf, targetTypes, type Target } from '../src/index.ts'
import { fitsCode, isPossible, meaningIn, type Meaning } from '../src/outcome-table.ts'
import { readOutcomes } from '../src/outcome-rules.ts'
import type { Outcome } from '../src/outcome.ts'
import { kafkaOutcomes } from '../src/kafka/outcomes.ts'
import { UnfitTls } from '../src/broker/tls-of.ts'
import { troubleOfError as troubleOfKafka, troubleOfName } from '../src/kafka/trouble-of-error.ts'
import { natsOutcomes } from '../src/nats/outcomes.ts'
import { UnfitCredentials } from '../src/nats/connect.ts'
import { noAck, noStream, tooLong, troubleOfNumber, troubleReader } from '../src/nats/trouble-of-error.ts'
import { mysqlOutcomes } from '../src/mysql/outcomes.ts'
import { troubleOfError as troubleOfMysql } from '../src/mysql/trouble-of-error.ts'
import { postgresOutcomes } from '../src/postgres/outcomes.ts'
import { troubleOfError } from '../src/postgres/trouble-of-error.ts'
import { rabbitmqOutcomes } from '../src/rabbitmq/outcomes.ts'
import { blocked, tooLarge, troubleOfError as troubleOfRabbitmq, unroutable, unstored } from '../src/rabbitmq/trouble-of-error.ts'
import { outcomeOfEnvelope } from '../src/webhook/outcome-of-envelope.ts'
import { outcomeOfError } from '../src/webhook/outcome-of-error.ts'
import { outcomeOfStatus } from '../src/webhook/outcome-of-status.ts'
import { webhookOutcomes } from '../src/webhook/outcomes.ts'

const meaningOf = (outcome: Outcome): Meaning => outcome.kind === 'retry' && outcome.slow === true ? 'wrong' : outcome.kind
const codeOf = (outcome: Outcome): string => outcome.kind === 'delivered' ? '' : outcome.code

const nodeErrors = [
  'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'EAI_AGAIN', 'ENOTFOUND', 'UND_ERR_SOCKET', 'HPE_INVALID_CONSTANT', 'CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID', 'CERT_UNTRUSTED', 'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'ERR_TLS_CERT_ALTNAME_INVALID'
]
const withCode = (code: string) => Object.assign(new Error('it broke'), { code })

t.test('webhook: the table says of every status, envelope and error what the code says', async t => {
  const outcomes = [
    ...Array.from({ length: 300 }, (_, at) => outcomeOfStatus(300 + at)),
    ...Array.from({ length: 100 }, (_, at) => outcomeOfEnvelope(anEvent(), 200 + at, '<html>', { acceptEmpty: false })),
    ...[1, 10_100, 2 ** 31].map(ErrorCode => outcomeOfEnvelope(anEvent(), 200, JSON.stringify({ ErrorCode }), { acceptEmpty: false })),
    ...[...nodeErrors, 'UND_ERR_CONNECT_TIMEOUT'].map(code => outcomeOfError(withCode(code))),
    ...(['address_refused', 'proxy_401', 'proxy_403', 'proxy_405', 'proxy_407'] as const).map(code => outcomeOfError(new NoConnection(code, 'no', { lasting: true }))),
    ...(['proxy_unreachable', 'proxy_502', 'proxy_404'] as const).map(code => outcomeOfError(new NoConnection(code, 'no', { lasting: false })))
  ]
  for (const outcome of outcomes) {
    t.equal(meaningIn(webhookOutcomes, codeOf(outcome)), meaningOf(outcome), codeOf(outcome))
    t.ok(isPossible(webhookOutcomes, codeOf(outcome)), codeOf(outcome))
  }
  t.same(new Set(webhookOutcomes.rows.filter(({ codes }) => !outcomes.some(outcome => codes.some(code => fitsCode(code, codeOf(outcome)))))), new Set(), 'no row is without a case')
})

t.test('postgres: the table says of every class of SQLSTATE and error what the code says', async t => {
  const classes = ['08', '09', '0A', '0L', '0P', '20', '21', '22', '23', '24', '25', '26', '28', '2B', '34', '38', '3B', '3D', '3F', '40', '42', '44', '53', '54', '55', '57', '58', 'F0', 'HV', 'P0', 'XX']
  const states = [...classes.map(name => `${name}000`), '42804', '42501', '42P01', '23505', '22P02', '54001', '25006']
  const errors = [
    ...states.map(code => Object.assign(new DatabaseError('no', 1, 'error'), { code })),
    ...[...nodeErrors, 'EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_INVALID_URL'].map(withCode),
    new Error('Connection terminated'), new Error('The server does not support SSL connections'), new Error('SASL: no password')
  ]
  const outcomes = errors.map(error => troubleOfError(error).outcome)
  for (const outcome of outcomes) {
    t.equal(meaningIn(postgresOutcomes, codeOf(outcome)), meaningOf(outcome), codeOf(outcome))
    t.ok(isPossible(postgresOutcomes, codeOf(outcome)), codeOf(outcome))
  }
})

t.test('mysql: the table says of every error what the code says', async t => {
  const ofServer = (errno: number, sqlState: string) => Object.assign(new Error('no'), { errno, sqlState, sqlMessage: 'no' })
  const numbers = mysqlOutcomes.rows.flatMap(({ codes }) => codes.flatMap(code => /^mysql_(\d+)$/.exec(code)?.[1] ?? []))
  t.ok(numbers.length > 50)
  const errors = [
    ...numbers.map(number => ofServer(Number(number), 'HY000')), ofServer(1644, '45000'), ofServer(9999, 'HY000'),
    ...[...nodeErrors, 'EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_INVALID_URL', 'HANDSHAKE_NO_SSL_SUPPORT'].map(code => Object.assign(withCode(code), { fatal: true }))
  ]
  for (const outcome of errors.map(error => troubleOfMysql(error).outcome)) {
    t.equal(meaningIn(mysqlOutcomes, codeOf(outcome)), meaningOf(outcome), codeOf(outcome))
    t.ok(isPossible(mysqlOutcomes, codeOf(outcome)), codeOf(outcome))
  }
})

t.test('kafka: the table says of every error of the protocol and of the network what the code says', async t => {
  const names = Object.keys(protocolErrors).filter(name => name !== 'NONE')
  t.ok(names.length > 100)
  const errors = [
    ...names.map(name => new MultipleErrors('no', [new NetworkError('first'), new MultipleErrors('then', [new ProtocolError(name)])])),
    ...[...nodeErrors, 'EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER'].map(code => new MultipleErrors('no', [new NetworkError('no', { cause: withCode(code) })])),
    new UnfitTls('no'), new AuthenticationError('no'), new UnsupportedApiError('no'), new TimeoutError('no'), new UserError('no')
  ]
  const outcomes = errors.map(error => troubleOfKafka(error).outcome)
  t.same(names.map(name => troubleOfName(name).outcome), outcomes.slice(0, names.length), 'whatever it is wrapped in')
  for (const outcome of outcomes) {
    t.equal(meaningIn(kafkaOutcomes, codeOf(outcome)), meaningOf(outcome), codeOf(outcome))
    t.ok(isPossible(kafkaOutcomes, codeOf(outcome)), codeOf(outcome))
  }
  t.same(kafkaOutcomes.rows.filter(({ codes }) => !outcomes.some(outcome => codes.some(code => fitsCode(code, codeOf(outcome))))), [], 'no row is without a case')
  t.match(troubleOfKafka(new MultipleErrors('no', [new ProtocolError('NOT_LEADER_OR_FOLLOWER'), new ProtocolError('TOPIC_AUTHORIZATION_FAILED')])), { outcome: { slow: true } }, 'the last attempt says most')
  t.match(troubleOfKafka(new TypeError('read is not a function')), { outcome: { kind: 'retry', code: 'unexpected' } })
})

t.test('nats: the table says of every error of JetStream, of the client and of the network what the code says', async t => {
  const troubleOf = troubleReader({ ...natsCore, ...jetstream })
  const { errors } = natsCore
  const wrapped = (cause: Error) => new errors.RequestError('no', { cause: new errors.RequestError('then', { cause }) })
  const numbers = Array.from({ length: 250 }, (_, at) => 10_000 + at).filter(number => number !== 10_059)
  const thrown = [
    ...numbers.map(number => new jetstream.JetStreamApiError({ err_code: number, code: 500, description: 'no' })),
    wrapped(new errors.NoRespondersError('chat')), new SyntaxError('no'), new jetstream.JetStreamError('no'), wrapped(new errors.PermissionViolationError('no', 'publish', 'chat')), wrapped(new errors.PermissionViolationError('no', 'subscription', 'chat')),
    new AggregateError([new errors.AuthorizationError('no')]), new errors.UserAuthenticationExpiredError('no'), new UnfitCredentials('no'), new UnfitTls('no'), new errors.ClosedConnectionError(), new AggregateError([undefined]),
    ...[...nodeErrors, 'EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER'].map(code => new AggregateError([new errors.ConnectionError('no', { cause: withCode(code) })]))
  ]
  const outcomes = [...thrown.map(error => troubleOf(error).outcome), tooLong, { kind: 'reject', code: 'nats_subject_unfit', reason: 'no' } as const]
  t.same(numbers.map(number => troubleOfNumber(number).outcome), outcomes.slice(0, numbers.length))
  t.match(outcomes.slice(numbers.length), [noStream.outcome, noAck.outcome, noAck.outcome, { code: 'nats_permission', reason: /publish/ }, { code: 'nats_permission', reason: /_INBOX/ }])
  for (const outcome of outcomes) {
    t.equal(meaningIn(natsOutcomes, codeOf(outcome)), meaningOf(outcome), codeOf(outcome))
    t.ok(isPossible(natsOutcomes, codeOf(outcome)), codeOf(outcome))
  }
  t.same(natsOutcomes.rows.flatMap(({ codes }) => codes).filter(code => !code.startsWith('network_') && !outcomes.some(outcome => fitsCode(code, codeOf(outcome)))), [], 'no code is without a case')
  t.match(troubleOf(wrapped(new errors.TimeoutError())), { outcome: { kind: 'retry', code: 'timeout' } })
  t.match(troubleOf(new TypeError('read is not a function')), { outcome: { kind: 'retry', code: 'unexpected' } })
})

t.test('rabbitmq: the table says of every reply, of the client and of the network what the code says', async t => {
  const refusals = ['Handshake terminated by server: 403 (ACCESS_REFUSED) with message "no"', 'Expected ConnectionOpenOk; got <ConnectionClose channel:0>'].map(message => new AggregateError([new Error(message)]))
  const thrown = [
    ...refusals,
    ...[311, 320, 403, 404, 405, 406, 501, 504, 506, 530, 540, 541].map(code => Object.assign(new Error('Channel closed by server'), { code })),
    new Error('Unexpected close'), undefined, new UnfitTls('no'), new AggregateError([new Error('connect ETIMEDOUT')]),
    ...[...nodeErrors, 'EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER'].map(code => new AggregateError([withCode(code)]))
  ]
  const outcomes = [...thrown.map(error => troubleOfRabbitmq(error).outcome), tooLarge, unroutable, unstored, blocked]
  t.match(outcomes, [{ code: 'rabbitmq_sign_on_refused' }, { code: 'rabbitmq_vhost_refused' }])
  for (const outcome of outcomes) {
    t.equal(meaningIn(rabbitmqOutcomes, codeOf(outcome)), meaningOf(outcome), codeOf(outcome))
    t.ok(isPossible(rabbitmqOutcomes, codeOf(outcome)), codeOf(outcome))
  }
  t.same(rabbitmqOutcomes.rows.filter(({ codes }) => !outcomes.some(outcome => codes.some(code => fitsCode(code, codeOf(outcome))))), [], 'no row is without a case')
  t.match(troubleOfRabbitmq(new TypeError('read is not a function')), { outcome: { kind: 'retry', code: 'unexpected' } })
})

t.test('the rows of every type can come about as far as its own table says', async t => {
  for (const { type, outcomes } of targetTypes) {
    for (const code of rowsOf(outcomes).flatMap(({ codes }) => codes)) t.ok(isPossible(outcomes, code), `${type}: ${code}`)
  }
})

const read = async (target: string) => {
  const document = new RelayDocument('baton.yaml', `targets:\n  a:\n    ${target}\n`, () => undefined)
  const [configured] = await readTargets(document)
  return { problems: document.problems, configured }
}

t.test('a code that no outcome of the type can have is refused, with those that there are', async t => {
  const refused = async (target: string) => (await read(target)).problems
  t.match(await refused('{ type: webhook, url: "https://x/", outcomes: { pg_23505: reject } }'), [/^baton\.yaml:3:53 targets\.a\.outcomes\.pg_23505: no outcome of a target of type webhook has such a code; there are http_408, .*network_\*, timeout/])
  t.match(await refused('{ type: webhook, url: "https://x/", outcomes: { http_4040: reject, http_99x: retry, http_44444*: retry, htttp_*: retry, 409: retry } }'), { length: 5 })
  t.match(await refused('{ type: postgres, url: embedded, outcomes: { pg_2350: reject, "pg_235055*": retry, pg_23505: delivered, "pg_23*": retry, "pg_4*": wrong } }'), { length: 2 })
  t.match(await refused('{ type: memory, outcomes: { http_500: retry } }'), { length: 1 })
  t.match(await refused('{ type: memory, outcomes: { timeout: maybe } }'), [/outcomes\.timeout/])
  t.match(await refused('{ type: memory, outcomes: { "*5": retry } }'), [/outcomes/])
  t.same(await refused('{ type: webhook, url: "https://x/", outcomes: { http_409: delivered, "http_4*": retry, "h*": wrong, timeout: wrong, network_econnrefused: wrong, envelope_10101: delivered, "*": reject } }'), [])
})

t.test('the first rule in the order of the file holds, and the reason tells', async t => {
  const { configured } = await read('{ type: webhook, url: "https://x/", outcomes: { http_409: delivered, "http_42*": wrong, "http_4*": retry, http_429: reject, timeout: reject, "http_5*": retry } }')
  const meant = (outcome: Outcome) => configured?.meant(outcome)
  t.same(meant({ kind: 'reject', code: 'http_409', reason: 'no' }), { kind: 'delivered' })
  t.same(meant({ kind: 'retry', code: 'http_429', reason: 'no', holdFor: 500 }), { kind: 'retry', code: 'http_429', reason: 'no (wrong by outcomes: http_42*)', slow: true, holdFor: 500 })
  t.same(meant({ kind: 'reject', code: 'http_400', reason: 'no' }), { kind: 'retry', code: 'http_400', reason: 'no (retry by outcomes: http_4*)' })
  t.same(meant({ kind: 'retry', code: 'http_404', reason: 'no', slow: true }), { kind: 'retry', code: 'http_404', reason: 'no (retry by outcomes: http_4*)' })
  t.same(meant({ kind: 'retry', code: 'timeout', reason: 'no' }), { kind: 'reject', code: 'timeout', reason: 'no (reject by outcomes: timeout)' })
  t.same(meant({ kind: 'retry', code: 'unexpected', reason: 'no' }), { kind: 'retry', code: 'unexpected', reason: 'no' })
  t.same(meant({ kind: 'delivered' }), { kind: 'delivered' })
  t.same(readOutcomes({ '*': 'retry' })({ kind: 'reject', code: 'mask_unreadable', reason: 'no' }).kind, 'retry')
})

t.test('what a receiver answers is meant as the file says', async t => {
  const { url } = await receiver(t, () => 409)
  const { configured } = await read(`{ type: webhook, url: "${url}", outcomes: { http_409: delivered } }`)
  if (configured === undefined) return t.fail('no target')
  const target: Target = await configured.open({ log: (await import('@baton/runtime')).createLogger('test', 'silent'), embeddedPostgresPort: 0 })
  t.teardown(async () => { await target.close() })
  t.same((await target.deliver([anEvent()], { signal: AbortSignal.timeout(5_000), attempt: 1 })).map(configured.meant), [{ kind: 'delivered' }])
})
