import { basename } from 'node:path'
import { BatonError } from '@baton/runtime'
import type { OpenContext, Target } from '../target.ts'
import { describeThrown } from './describe-thrown.ts'
import { guardedTarget } from './guarded-target.ts'
import { isTarget } from './module-definition.ts'
import { readModule } from './read-module.ts'
import { settingsFor } from './settings-for.ts'
import { within } from './within.ts'

/** In ms. The trial has seen it load, a moment ago and elsewhere. */
const longestLoad = 30_000

/** Loads a module into this process and opens its target; throws RELAY_FILE_INVALID, since what cannot be opened now never can. */
export async function openModule (file: string, settings: object, context: OpenContext): Promise<Target> {
  const failed = (why: string, cause?: unknown) => new BatonError('RELAY_FILE_INVALID', `The target ${context.name} cannot be opened: ${file} ${why}.`, { cause })
  const definition = await within(longestLoad, readModule(file)).catch((error: unknown) => { throw failed(BatonError.from(error).message, error) })
  if (definition === undefined) throw failed(`was not loaded within ${longestLoad / 1_000} s; what it does when it is loaded belongs into deliver`)
  const read = settingsFor(definition, settings)
  if (!('settings' in read)) throw failed('asks for other settings than a moment ago; start again')
  let target: unknown
  try {
    target = definition.open(read.settings, { ...context, log: context.log.child({ target: context.name }) })
  } catch (error) {
    throw failed(`failed in open with ${describeThrown(error)}; mend it, and leave all that can fail from without to deliver, which is tried again`)
  }
  if (!isTarget(target)) throw failed('answers no target to open: it must be an object, and no promise of one, with the functions deliver and close, and test where there is something to ask')
  return guardedTarget(target, { file: basename(file), timeout: context.timeout })
}
