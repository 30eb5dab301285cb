import { isMessageCommand, messageCommands } from '@baton/contracts'
import { Duration, millisecondsOf } from '@baton/runtime'
import { Type, type StaticDecode } from '@sinclair/typebox'
import type { LeftOut } from '../left-out.ts'
import { Statements } from './statements/statement-settings.ts'
import { tableNames, type TableName } from './tables.ts'

const Retention = (description: string) => Type.Optional(Duration({ description }))

/** What every SQL target can be told, whatever its database. */
export const SqlSettings = Type.Object({
  // No default here: those of lists are merged into what a file says.
  tables: Type.Optional(Type.Union([
    Type.Literal('none'),
    Type.Array(Type.Union([Type.Literal('chat_group'), Type.Literal('chat_topic'), Type.Literal('chat_group_member'), Type.Literal('chat_message')]), { minItems: 1, uniqueItems: true })
  ], { description: 'Which tables of the replica are kept: a list, or none. Left out: chat_group, chat_topic and chat_group_member, and with messages chat_message. chat_event is always kept, since repeats are known by it.' })),
  messages: Type.Boolean({ default: false, description: `Whether messages are kept, too: their events in chat_event, and what became of them in chat_message. false: the target is given no event of ${messageCommands.join(', ')}, whatever commands says.` }),
  prefix: Type.String({ default: '', pattern: '^([a-z_][a-z0-9_]{0,23})?$', description: 'What the names of all tables and indexes begin with, so that several targets can share a database.', examples: ['baton_'] }),
  migrate: Type.Union([Type.Literal('auto'), Type.Literal('print'), Type.Literal('off')], {
    default: 'auto',
    description: 'auto: the target creates and changes its tables. print: it logs the SQL for you to run, and waits until you have. off: it waits until the tables are as it needs them.'
  }),
  retention: Type.Optional(Type.Object({
    chat_event: Retention('How long events are kept, from their receipt. A repeat that comes later counts as new.'),
    chat_group: Retention('How long groups are kept after they were disbanded.'),
    chat_topic: Retention('How long topics are kept after they were destroyed.'),
    chat_group_member: Retention('How long members are kept after they left.'),
    chat_message: Retention('How long messages are kept after they were sent.')
  }, { additionalProperties: false, description: 'What is deleted after a while. Left out: nothing.' })),
  statements: Type.Optional(Statements)
})
export type SqlSettings = StaticDecode<typeof SqlSettings>

/** The shortest retention: a repeat has to be known for longer than Baton may take to bring an event again. */
const shortest = '1d'

export function problemOfSqlSettings ({ tables, messages, retention = {} }: SqlSettings): readonly [setting: string, problem: string] | undefined {
  if (!messages && tables?.includes('chat_message') === true) return ['tables', 'chat_message stays empty without messages: true beside it']
  if (!messages && retention.chat_message !== undefined) return ['retention', 'chat_message does nothing without messages: true']
  const short = Object.entries(retention).find(([, time]) => time < millisecondsOf(shortest))
  return short && ['retention', `${short[0]} must be at least ${shortest}`]
}

export const keptTables = ({ tables, messages }: SqlSettings): readonly TableName[] =>
  tables === 'none' ? [] : tables ?? tableNames.filter(name => messages || name !== 'chat_message')

export const leavesOutMessages = ({ messages }: SqlSettings): LeftOut | undefined =>
  messages ? undefined : { isLeftOut: isMessageCommand, what: 'messages', remedy: 'add messages: true' }
