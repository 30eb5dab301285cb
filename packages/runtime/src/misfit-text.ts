import { KindGuard, type TSchema } from '@sinclair/typebox'
import { ValueErrorType } from '@sinclair/typebox/errors'
import { didYouMean } from './near-name.ts'
import { unseenIn } from './token.ts'

/** Where a value does not fit its schema, and how. */
export interface Misfit {
  type: ValueErrorType
  schema: TSchema
  value: unknown
  /** Of the schema library: its own words. */
  message: string
}

/** What is wrong with a value of the relay file and what to write instead, in its writer's words. Names keys, and never repeats a value: it may be a secret. */
export function misfitText (key: string, { type, schema, value, message }: Misfit): string {
  switch (type) {
    case ValueErrorType.ObjectRequiredProperty: return explained('is missing', schema)
    case ValueErrorType.ObjectAdditionalProperties: return isOpen(schema) ? explained('cannot stand here as a key', schema) : unknownKey(key, keysOf(schema))
    case ValueErrorType.Object: return isOpen(schema) ? explained(`${instead(value)}must be a mapping`, schema) : `${instead(value)}must be a mapping with the keys ${keysOf(schema).join(', ')}`
    case ValueErrorType.ObjectMinProperties: return explained(atLeastOne(key, schema), schema)
    case ValueErrorType.ObjectMaxProperties: return `has more than ${schema['maxProperties']} entries`
    case ValueErrorType.Array: return value === undefined || value === null ? explained(atLeastOne(key, schema), schema) : explained(`must be a list: put it in brackets, as in ${key}: [ ... ]`, schema)
    case ValueErrorType.ArrayMinItems: return explained(atLeastOne(key, schema), schema)
    case ValueErrorType.ArrayMaxItems: return `has more than ${schema['maxItems']} entries`
    case ValueErrorType.String: return textWanted(schema, value)
    case ValueErrorType.StringMinLength: return explained(value === '' ? 'must not be empty' : `must have at least ${schema['minLength']} characters`, schema)
    case ValueErrorType.StringMaxLength: return explained(`is longer than ${schema['maxLength']} characters`, schema)
    case ValueErrorType.StringPattern: return explained(schema['secret'] === true ? unseenIn(String(value)) ?? 'does not fit' : 'does not fit', schema)
    case ValueErrorType.Integer: return explained(`${instead(value)}must be a whole number${isDigits(value) ? ': write it without quotes' : ''}`, schema)
    case ValueErrorType.IntegerMinimum:
    case ValueErrorType.IntegerMaximum: return explained(`must lie between ${schema['minimum']} and ${schema['maximum']}`, schema)
    case ValueErrorType.Boolean: return explained(`${instead(value)}must be true or false${typeof value === 'string' ? ', without quotes' : ''}`, schema)
    case ValueErrorType.Union: return wordWanted(schema, value)
    default: return explained(message, schema)
  }
}

/** Of a mapping whose keys are known. */
export const unknownKey = (key: string, known: readonly string[]): string =>
  `unknown key ${key}${didYouMean(key, known) || `; known are ${known.join(', ')}`}`

/** Its keys are whatever has some form. */
const isOpen = (schema: TSchema): boolean => schema['patternProperties'] !== undefined

const keysOf = (schema: TSchema): string[] => Object.keys(Object(schema['properties']))

const explained = (what: string, { description }: TSchema): string => description === undefined ? what : `${what}. ${description}`

/** A key with nothing behind it is what it seems to be in no other case. */
const instead = (value: unknown): string => value === null || value === '' ? 'has no value; it ' : ''

/** apps: name at least one app. */
function atLeastOne (key: string, schema: TSchema): string {
  const entry = key.endsWith('s') ? key.slice(0, -1) : 'entry'
  return `name at least one ${entry}${KindGuard.IsOptional(schema) ? `, or leave ${key} out` : ''}`
}

/** One that must have a form of its own, such as a duration or a URL, does not fit when it is put in quotes. */
function textWanted (schema: TSchema, value: unknown): string {
  const isPlain = typeof value === 'number' || typeof value === 'boolean'
  if (isPlain && (schema['pattern'] === undefined || schema['secret'] === true)) return explained('must be text: write it in quotes', schema)
  return explained(`${instead(value)}must be text${isPlain ? `, and is a ${typeof value === 'number' ? 'number' : 'truth value'}` : ''}`, schema)
}

const isDigits = (value: unknown): boolean => typeof value === 'string' && /^\d+$/.test(value)

const alternativesOf = (schema: TSchema): TSchema[] => KindGuard.IsUnion(schema) ? schema.anyOf : []

const wordsOf = (schema: TSchema): string[] => alternativesOf(schema).flatMap(word => KindGuard.IsLiteral(word) ? [String(word.const)] : [])

/** Of some words, or of a list of some. */
function wordWanted (schema: TSchema, value: unknown): string {
  const lists = alternativesOf(schema).flatMap(list => KindGuard.IsArray(list) ? [list] : [])
  const alternatives = [...wordsOf(schema), ...lists.map(({ items, uniqueItems }) => `a list of ${wordsOf(items).join(', ')}${uniqueItems === true ? ', each once' : ''}`)]
  if (alternatives.length === 0) return explained(`${instead(value)}does not fit`, schema)
  const list = alternatives.length < 2 ? alternatives.join('') : `${alternatives.slice(0, -1).join(', ')} or ${alternatives.at(-1)}`
  const known = Array.isArray(value) ? lists.flatMap(({ items }) => wordsOf(items)) : wordsOf(schema)
  const strange = [value].flat().find(word => typeof word === 'string' && !known.includes(word))
  return `${instead(value)}must be ${list}${typeof strange === 'string' ? didYouMean(strange, known) : ''}`
}
