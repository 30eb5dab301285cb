import type { Field } from '@baton/contracts'
import { plain, table } from './markdown.ts'

/** One row for each field. */
export const fieldsTable = (fields: readonly Field[]): string => table(
  ['Field', 'Type', 'Required', 'Read', 'What it is'],
  fields.map(({ path, schema, required, read }) => [`\`${path}\``, typeInWords(schema), required ? 'yes' : '', read ? '●' : '', plain(schema.description ?? '')]))

/** In the words of JSON: `string`, `array of objects`, `integer or string`. */
function typeInWords (schema: Field['schema']): string {
  if (Array.isArray(schema.anyOf)) return schema.anyOf.map(typeInWords).join(' or ')
  if (schema.type === 'array') return `array of ${typeInWords(schema.items)}s`
  return schema.type ?? 'any'
}
