import { CommandPattern } from '@baton/contracts'
import { Type, type Static } from '@sinclair/typebox'

const Source = (description: string) => Type.String({ minLength: 1, description })

const from = 'A path into the body such as /Name or /MemberList/0/Member_Account; element, or element/Member_Account, within forEach; event:time and other facts of the event; or query:ClientIP for a parameter of the query.'

/** Statements of the operator's own, for his own tables. */
export const Statements = Type.Array(Type.Object({
  commands: Type.Array(CommandPattern, { minItems: 1, description: 'For which commands it is run.' }),
  sql: Type.String({ minLength: 1, maxLength: 20_000, description: 'One statement, with parameters such as :topic.', examples: ['UPDATE topics SET title = :name WHERE id = :topic'] }),
  parameters: Type.Optional(Type.Record(
    Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' }),
    Type.Union([
      Source(from),
      Type.Object({
        from: Source(from),
        default: Type.Optional(Type.Union([Type.String(), Type.Number(), Type.Boolean()], { description: 'A text, a number or a truth value: what is bound where nothing stands there, or null.' }))
      }, { additionalProperties: false })
    ], { description: 'Where its value stands: a path such as /Name, or { from: /Name, default: a value }. What is not there is NULL.' }),
    { additionalProperties: false, description: 'Where the values of the parameters stand, by name.' }
  )),
  forEach: Type.Optional(Type.String({ pattern: '^/', description: 'A path to a list in the body, such as /MemberList: the statement is run once for each of its elements.' }))
}, { additionalProperties: false }), {
  minItems: 1,
  maxItems: 100,
  description: 'SQL of your own that is run for events of some commands, in the same transaction that stores the event, see docs/own-tables.md.'
})
export type StatementSettings = Static<typeof Statements>[number]
