import { TypeGuard, type TProperties, type TSchema } from '@sinclair/typebox'
import { plain, table } from './markdown.ts'

/** One row for each setting; those within settings stand below them, spelled with a point. */
export const settingsTable = (properties: TProperties): string => table(['Setting', 'Form', 'Default', 'What it is'], rowsOf(properties, ''))

const rowsOf = (properties: TProperties, above: string): string[][] => Object.entries(properties).flatMap(([name, schema]) => [
  [`\`${above}${name}\``, formOf(schema), defaultOf(schema), plain(schema.description ?? '')],
  ...TypeGuard.IsObject(schema) ? rowsOf(schema.properties, `${above}${name}.`) : [],
  ...TypeGuard.IsArray(schema) && TypeGuard.IsObject(schema.items) ? rowsOf(schema.items.properties, `${above}${name}[].`) : []
])

/** What can be written there. */
function formOf (schema: TSchema): string {
  if (TypeGuard.IsLiteral(schema)) return `\`${schema.const}\``
  if (TypeGuard.IsUnion(schema)) return schema.anyOf.map(formOf).reduce((list, form, at, { length }) => `${list}${at === length - 1 ? ' or ' : ', '}${form}`)
  if (TypeGuard.IsArray(schema)) return `list of ${formOf(schema.items)}`
  if (TypeGuard.IsInteger(schema) || TypeGuard.IsNumber(schema)) return `${schema.type} ${[schema.minimum, schema.maximum].map(bound => bound?.toLocaleString('en')).join(' to ')}`
  if (TypeGuard.IsBoolean(schema)) return '`true` or `false`'
  if (TypeGuard.IsObject(schema) || TypeGuard.IsRecord(schema)) return 'settings'
  const [example]: unknown[] = Array.isArray(schema['examples']) ? schema['examples'] : []
  return `${schema['secret'] === true ? 'secret ' : ''}text${typeof example === 'string' ? `, such as \`${example}\`` : ''}`
}

function defaultOf (schema: TSchema): string {
  const given: unknown = schema.default
  if (given === undefined) return TypeGuard.IsOptional(schema) ? '' : 'must be set'
  return given === '' ? 'empty' : `\`${typeof given === 'string' ? given : JSON.stringify(given)}\``
}
