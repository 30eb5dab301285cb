import type { Json } from '../json.ts'
import type { Scene } from '../scene.ts'

/** What a field tells in a scene; undefined leaves it out. `shown` is what the documented example has there. */
export type Rule = (scene: Scene, shown: Json | undefined) => Json | undefined

/** By the name of the field; where that means something else there, by the command and the name, or by the field around it and the name. */
export type Rules = Readonly<Record<string, Rule>>

/** As the example has it in a plain scene, else made up. */
export const varied = (make: Rule): Rule => (scene, shown) => scene.setting.plain && shown !== undefined ? shown : make(scene, shown)

/** One of these, whatever the rest tells. */
export const oneOf = (...options: readonly [Json, ...Json[]]): Rule => varied(({ random }) => random.pick(options))

/** One of these by this name in the scene: other fields go by it. The example has the first one. */
export const chosen = <T extends string>(name: string, ...options: readonly [T, ...T[]]): Rule => scene => scene.chosen(name, ...options)
