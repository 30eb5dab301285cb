import type { Static, TObject } from '@sinclair/typebox'
import { AfterCreateGroup, afterCreateGroupExample } from './commands/group.ts'
import { AfterCreateTopic, afterCreateTopicExample } from './commands/topic.ts'

export interface CommandEntry<S extends TObject = TObject> {
  body: S
  /** A realistic body, for `baton send` and for tests. */
  example: Static<S>
  /** The page that documents it. */
  documentation: string
}

/** Checks that an example fits its schema at compile time, and keeps both types. */
const entry = <S extends TObject>(body: S, example: Static<S>, documentation: string): CommandEntry<S> => ({ body, example, documentation })

/** Every command whose body Baton knows. An unknown one is relayed as it is. */
export const catalogue = {
  'Group.CallbackAfterCreateGroup': entry(AfterCreateGroup, afterCreateGroupExample, 'https://www.tencentcloud.com/document/product/1047/34369'),
  'Group.CallbackAfterCreateTopic': entry(AfterCreateTopic, afterCreateTopicExample, 'https://www.tencentcloud.com/document/product/1047/49464')
}

export type KnownCommand = keyof typeof catalogue
export type BodyOf<C extends KnownCommand> = Static<(typeof catalogue)[C]['body']>

export const isKnownCommand = (command: string): command is KnownCommand => Object.hasOwn(catalogue, command)
