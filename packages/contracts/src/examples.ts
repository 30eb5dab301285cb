import type { BodyOf, KnownCommand } from './catalogue.ts'
import { alertExamples } from './examples/alert.ts'
import { botExamples } from './examples/bot.ts'
import { c2cExamples } from './examples/c2c.ts'
import { callExamples } from './examples/call.ts'
import { contentExamples } from './examples/content.ts'
import { followExamples } from './examples/follow.ts'
import { groupMessageExamples } from './examples/group-message.ts'
import { groupExamples } from './examples/group.ts'
import { liveExamples } from './examples/live.ts'
import { officialAccountExamples } from './examples/official-account.ts'
import { profileExamples } from './examples/profile.ts'
import { pushExamples } from './examples/push.ts'
import { roomExamples } from './examples/room.ts'
import { snsExamples } from './examples/sns.ts'
import { stateExamples } from './examples/state.ts'
import { topicExamples } from './examples/topic.ts'

/**
 * A body of each command, as its documentation shows it; composed from the list of fields where it shows none. Mended where that contradicts
 * itself: ids that JavaScript cannot hold as numbers are text, topics belong to their communities, and misprinted ids are none.
 */
export const examples: { readonly [C in KnownCommand]: BodyOf<C> } = {
  ...groupExamples,
  ...groupMessageExamples,
  ...topicExamples,
  ...c2cExamples,
  ...stateExamples,
  ...profileExamples,
  ...snsExamples,
  ...followExamples,
  ...officialAccountExamples,
  ...botExamples,
  ...pushExamples,
  ...contentExamples,
  ...alertExamples,
  ...callExamples,
  ...roomExamples,
  ...liveExamples,
  'Live.CallbackBeforeCallBackNotBlock': { CallbackCommand: 'Live.CallbackBeforeCallBackNotBlock' }
}
