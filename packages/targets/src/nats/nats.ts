import { testCommand, type Event } from '@baton/contracts'
import type { JetStreamClient } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { messageHeadersOf } from '../broker/message-headers.ts'
import { sharedConnection } from '../broker/shared-connection.ts'
import { delivered, type Outcome } from '../outcome.ts'
import { defineTarget } from '../target.ts'
import { topicTemplate } from '../topic-template.ts'
import { connector } from './connect.ts'
import { NatsSettings, problemOfNatsSettings } from './nats-settings.ts'
import { natsOutcomes } from './outcomes.ts'
import { noAck, tooLate, tooLong, troubleOfNumber, troubleReader } from './trouble-of-error.ts'

/** What a stream answers when it has stored a message, or has had it before. */
const Ack = Type.Object({ stream: Type.String({ minLength: 1 }), seq: Type.Number() })

/** Commands may hold dots in places where a subject may not. */
const isSubject = (subject: string): boolean => subject.split('.').every(token => token !== '')
const unfitSubject: Outcome = { kind: 'reject', code: 'nats_subject_unfit', reason: 'its command, which Tencent does not document, makes no subject: it ends with a dot, or has two in a row; take {command} out of subject, or route it elsewhere' }

/** Bytes of headers as they are sent: the version, a line for each, and an empty one. */
const sizeOf = (fields: Record<string, string>): number =>
  Object.entries(fields).reduce((sum, [name, value]) => sum + name.length + Buffer.byteLength(value) + ': \r\n'.length, 'NATS/1.0\r\n\r\n'.length)

/** Writes each event to the stream of JetStream that takes its subject, under its id. */
export const nats = defineTarget({
  type: 'nats',
  together: 500,
  settings: NatsSettings,
  outcomes: natsOutcomes,
  problemOf: problemOfNatsSettings,
  describe: ({ servers, subject }) => ({ to: `nats://${servers.join(',')}/${subject}` }),
  open: (settings, context) => {
    const { auth, stream, tls } = settings
    const { topicOf: subjectOf, byCommand } = topicTemplate(settings.subject)
    const shared = sharedConnection<NatsConnection>({ connect: connector(settings, context), end: async connection => { await connection.close() } })
    const loaded = async () => ({ ...await import('@nats-io/jetstream'), ...await import('@nats-io/transport-node') })
    if (tls === undefined && (auth?.password ?? auth?.token) !== undefined) context.log.warn({ target: context.name }, 'the secret for NATS goes over the network as it is, unless the servers ask for TLS: give the target tls, or nkeySeed or credentials')

    return {
      async deliver (events, { signal }) {
        const outcomes = events.map((event): Outcome | undefined => isSubject(subjectOf(event)) ? undefined : unfitSubject)
        if (outcomes.every(outcome => outcome !== undefined)) return outcomes
        const client = await loaded()
        const troubleOf = troubleReader(client)

        const publish = async (jetstream: JetStreamClient, event: Event, most: number): Promise<Outcome> => {
          const fields = { ...messageHeadersOf(event), 'Nats-Msg-Id': event.id, ...stream !== undefined && { 'Nats-Expected-Stream': stream } }
          if (sizeOf(fields) + event.body.length > most) return tooLong
          try {
            const headers = client.headers()
            for (const [name, value] of Object.entries(fields)) headers.set(name, value)
            const ack: unknown = await jetstream.publish(subjectOf(event), event.body, { headers, timeout: context.timeout })
            return Value.Check(Ack, ack) ? delivered : noAck.outcome
          } catch (error) {
            return troubleOf(error).outcome
          }
        }

        let rest: Outcome = tooLate
        try {
          await shared.lend(signal, async connection => {
            const jetstream = client.jetstream(connection)
            const most = connection.info?.max_payload ?? Infinity
            await Promise.all(events.map(async (event, at) => { outcomes[at] ??= await publish(jetstream, event, most) }))
          })
        } catch (error) {
          if (!signal.aborted) rest = troubleOf(error).outcome
        }
        return outcomes.map(outcome => outcome ?? rest)
      },

      async test ({ signal, appId }) {
        const client = await loaded()
        try {
          return await shared.lend(signal, async (connection): Promise<Outcome> => {
            const manager = await client.jetstreamManager(connection, { checkAPI: false, timeout: context.timeout })
            // Which subjects come of commands cannot be told; that the servers let us in and have JetStream, they can.
            if (byCommand) await manager.getAccountInfo()
            const found = byCommand ? stream : await manager.streams.find(subjectOf({ appId, command: testCommand }))
            return found === (stream ?? found) ? delivered : troubleOfNumber(10060).outcome
          })
        } catch (error) {
          return signal.aborted ? tooLate : troubleReader(client)(error).outcome
        }
      },

      close: shared.close
    }
  }
})
