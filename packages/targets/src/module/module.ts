import { resolve } from 'node:path'
import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { TargetType } from '../target.ts'
import { openModule } from './open-module.ts'
import { moduleOutcomes } from './outcomes.ts'
import { problemOfFile } from './problem-of-file.ts'
import type { Trial } from './trial.ts'
import { tryModule } from './try-module.ts'

const ModuleSettings = Type.Object({
  module: Type.String({ pattern: '^\\.{0,2}/', description: 'The file that exports the target: JavaScript, or TypeScript where Node strips types. A path that begins with ./, ../ or /, seen from the folder of the relay file.' }),
  settings: Type.Record(Type.String(), Type.Unknown(), { default: {}, description: 'What the module itself asks for.' })
})

/** A target that is brought along. Its module is tried in a process of its own when the relay file is read, and loaded where it is opened. */
export const module: TargetType = {
  type: 'module',
  settings: ModuleSettings,
  outcomes: moduleOutcomes,
  configure: async (written, folder) => {
    const { module, settings } = Value.Decode(ModuleSettings, Value.Default(ModuleSettings, structuredClone(written)))
    const file = resolve(folder, module)
    const problem = problemOfFile(file)
    const { problems, found }: Trial = problem === undefined ? await tryModule({ file, settings }) : { problems: [{ at: ['module'], problem }] }
    return {
      problems,
      needsEmbeddedPostgres: found?.needsEmbeddedPostgres ?? false,
      together: found?.together ?? 1,
      description: found?.description ?? {},
      ...found !== undefined && { ownType: found.type },
      open: async context => await openModule(file, settings, context)
    }
  }
}
