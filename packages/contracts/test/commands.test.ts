import { readFileSync } from 'node:fs'
import { Type, type TSchema } from '@sinclair/typebox'
import t from 'tap'
import { checkBody, entryOf, examples, isBeforeCommand, isKnownCommand, knownCommands, readMark } from '../src/index.ts'
import { exampleDeviations, tableDeviations } from './deviations.ts'

interface DocumentedCommand {
  command: string
  phase: string
  title: string
  docUrl: string | null
  category: string
  partial: boolean
  fields: Array<{ path: string, type: string, required: boolean }>
  example: object | null
}

const documented: DocumentedCommand[] = JSON.parse(readFileSync(new URL('../fixtures/commands.json', import.meta.url), 'utf8'))

/** Kits beside Chat, whose fields are all optional to us. */
const isLoose = ({ category, partial }: DocumentedCommand) => partial || ['call', 'room', 'live'].includes(category)

interface Field { type: string, required: boolean, read: boolean }

/** The fields of a schema as the documentation writes them: `MemberList[].Member_Account` -> String. */
function fieldsIn (schema: TSchema, prefix = ''): Map<string, Field> {
  const found = new Map<string, Field>()
  const required: string[] = schema.required ?? []
  for (const [name, field] of Object.entries<TSchema>(schema.properties ?? {})) {
    const path = `${prefix}${name}`
    found.set(path, { type: typeOf(field), required: required.includes(name), read: readMark in field })
    if (field.type === 'array') for (const inner of fieldsIn(field.items, `${path}[].`)) found.set(...inner)
    if (field.type === 'object') for (const inner of fieldsIn(field, `${path}.`)) found.set(...inner)
  }
  return found
}

function typeOf (schema: TSchema): string {
  if (Array.isArray(schema.anyOf)) return schema.anyOf.map(typeOf).join('/')
  switch (schema.type) {
    case 'string': return 'String'
    case 'integer': return 'Integer'
    case 'boolean': return 'Bool'
    case 'array': return `Array<${typeOf(schema.items)}>`
    case 'object': return 'Object'
    default: return 'any'
  }
}

t.test('the catalogue has every documented command, and no other', async t => {
  t.same(knownCommands.toSorted(), documented.map(({ command }) => command).toSorted())
  t.equal(knownCommands.length, 86)
  for (const { command, phase, title, docUrl } of documented) {
    t.match(entryOf(command), { title, documentation: docUrl?.startsWith('http') ? docUrl : undefined }, command)
    t.equal(isBeforeCommand(command), phase === 'before', command)
  }
})

t.test('every documented field is in its schema and every field of a schema is documented, with the same type, but for the known deviations', async t => {
  const differences: Array<Record<string, unknown>> = []
  for (const command of documented) {
    const ours = fieldsIn(entryOf(command.command)?.body ?? Type.Object({}))
    const theirs = new Map(command.fields.map(({ path, type, required }) => [path, { type, required }]))
    for (const path of new Set([...ours.keys(), ...theirs.keys()])) {
      if (path === 'CallbackCommand' || path === 'EventTime') continue
      const [schema, table] = [ours.get(path), theirs.get(path)]
      const spelled = (field: { type: string, required: boolean } | undefined) => field === undefined ? 'none' : `${field.type}${field.required || isLoose(command) ? '' : '?'}`
      if (spelled(schema) !== spelled(table)) differences.push({ command: command.command, field: path, table: spelled(table), schema: spelled(schema) })
    }
  }
  t.same(differences, tableDeviations.map(({ why: _, ...difference }) => difference))
})

t.test('EventTime is optional everywhere, a number or digits', async t => {
  for (const command of knownCommands) {
    const { EventTime: _, ...example }: { EventTime?: unknown } = examples[command]
    t.same(checkBody(command, example), { kind: 'fit' }, command)
    t.same(checkBody(command, { ...example, EventTime: 1670574414123 }), { kind: 'fit' }, command)
    t.same(checkBody(command, { ...example, EventTime: '1670574414123' }), { kind: 'fit' }, command)
    t.match(checkBody(command, { ...example, EventTime: 'soon' }), { kind: 'unfit', field: 'EventTime' }, command)
  }
})

t.test('every documented example is relayed, and drifts only where it is known to deviate', async t => {
  const drifts: Array<Record<string, unknown>> = []
  for (const { command, example } of documented) {
    if (example === null) continue
    const verdict = checkBody(command, example)
    t.not(verdict.kind, 'unfit', command)
    if (verdict.kind === 'drift') for (const { field, problem } of verdict.drifts) drifts.push({ command, field, problem })
  }
  t.same(drifts, exampleDeviations.map(({ why: _, ...drift }) => drift))
})

t.test('our examples fit, and are of the command that they stand for', async t => {
  for (const command of knownCommands) {
    t.same(checkBody(command, examples[command]), { kind: 'fit' }, command)
    const { CallbackCommand = command } = examples[command]
    t.equal(CallbackCommand, command)
  }
  t.notOk(isKnownCommand('Group.CallbackAfterNovelty'))
  t.notOk(isKnownCommand('toString'))
})
