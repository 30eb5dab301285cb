import { pathToFileURL } from 'node:url'
import { describeThrown } from './describe-thrown.ts'
import { definitionIn, type ModuleDefinition } from './module-definition.ts'

/** Loads a module, and finds the target that it exports; throws an error whose message goes behind the name of the file. */
export async function readModule (file: string): Promise<ModuleDefinition> {
  let exported: object
  try {
    exported = await import(pathToFileURL(file).href)
  } catch (error) {
    throw new Error(whyNotLoaded(error), { cause: error })
  }
  return definitionIn(exported)
}

function whyNotLoaded (error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof SyntaxError) return `cannot be loaded: SyntaxError: ${firstLine(message)}; mend it`
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') return `imports what cannot be found: ${firstLine(message)}; install it where the module lies, or do without: a target may be a plain object, which needs no import`
  return `failed while it was loaded, with ${describeThrown(error)}: ${firstLine(message)}; mend it`
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? ''
