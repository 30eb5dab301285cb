import { accountRules } from './accounts.ts'
import { callRules } from './calls.ts'
import { eventTime } from './event-time.ts'
import { groupRules } from './groups.ts'
import { messageRules } from './messages.ts'
import { peopleRules } from './people.ts'
import { pushRules } from './push.ts'
import { roomRules } from './rooms.ts'
import type { Rule, Rules } from './rule.ts'

const rules: Rules = {
  ...accountRules,
  ...callRules,
  ...groupRules,
  ...messageRules,
  ...peopleRules,
  ...pushRules,
  ...roomRules,
  EventTime: eventTime,
  'Events.EventTime': ({ seconds }) => seconds
}

/** Those that go for one command alone, by command and name. */
const ownRules = new Map<string, Map<string, Rule>>()
for (const [place, rule] of Object.entries(rules)) {
  const [command = '', name] = place.split(' ')
  if (name !== undefined) ownRules.set(command, (ownRules.get(command) ?? new Map<string, Rule>()).set(name, rule))
}

/** The rule of a field of this name in this command, `within` the field around it; undefined where any value of its type will do. */
export const ruleOf = (command: string, within: string, name: string): Rule | undefined =>
  ownRules.get(command)?.get(name) ?? (within === '' ? undefined : rules[`${within}.${name}`]) ?? rules[name]
