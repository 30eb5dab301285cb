import { usualOrderingKey } from '@baton/contracts'
import { orderingKeyInWords } from './keys-in-words.ts'

/** What holds for all commands. */
export const introduction = `# Commands

Every callback that Tencent Cloud Chat documents: when it comes, what is in it, and what Baton makes of it. What is not documented is relayed all the same.

Generated from [\`packages/contracts\`](../packages/contracts) by \`npm run reference\`. The same stands as JSON Schema in [\`schemas\`](../schemas).

## What every reader of events must know

- **The body is what Tencent sent, byte for byte**, fields included that nobody has documented. Ids may come as numbers above 2^53 where the tables promise text
  (\`"User_Account": 144115212830834855\`): JavaScript's \`JSON.parse\`, and all that keeps numbers as doubles, gets them wrong. They are whole in the bytes.
- **Baton checks what it reads** (● in the tables). A callback in which such a field is missing although required, or unfit, reaches no target: it is [kept in quarantine](errors.md), and answered with 400,
  or decided about all the same if it is a before-callback. Anything else that is not as documented (*drift*: an unknown command or field, or an unfit one that Baton does not read) is relayed as it came and counted
  (\`baton_callbacks_drift_total\`). So check yourself what you rely on.
- **Required** is what Tencent's tables promise; within an object that may be missing, it holds where the object is there. Bodies of calls, conference rooms and live rooms have no required fields here,
  since their pages contradict themselves.
- **Sets of values are open**: types of groups, actions, reasons and platforms grow without notice. Newer SDKs call a \`Private\` group \`Work\` and a \`ChatRoom\` \`Meeting\`; callbacks may use either name.
- **\`EventTime\` may be missing** in any body: older servers do not send it, and for topics, friends and some messages it is not documented. It is a number, or digits in a string.
  The time of receipt is always there (\`baton-received-at\`, \`received_at\`).
- **An event comes at least once**; each repeat has the same id (\`webhook-id\`, \`event_id\`). Only where neither \`EventTime\` nor the query parameter \`RequestID\` tells a repeat from a second occurrence, both are events.
- **The ordering key** says which events belong together: its first place that the body has counts, and a pair is the same in either direction. A body that has none of its command's places, and an
  unknown command, has the first of these: ${orderingKeyInWords(usualOrderingKey)}. A topic stands for its community there. Without any key an event belongs to no other.
- **Before-commands** ask for a decision, and the operation waits for it for 2 s. A target gets them only where its [\`commands\`](configuration.md#every-target) match them; then it is told, and not asked.
- **Groups, topics and accounts** are found by the names of fields at any depth, in unknown commands too: \`GroupId\`, \`RoomId\` and their spellings, \`TopicId\` and \`TopicIdList\`, and all that ends in \`_Account\`.
  The community of a topic counts as a group.

### Bodies unlike the others

- \`Push.AllMemberPush\` and \`Push.OfflinePush\` are batches: up to 100 results in \`Events\`, with times in seconds. The command stands in each result, and in the query.
- \`ContentCallback.ResultNotify\` does not name its command in the body at all. The header \`baton-command\` always does.
- \`State.StateChange\` has its user in \`Info\`. It, \`Alert.*\`, \`Bot.*\`, \`Push.*\` and \`ContentCallback.*\` do not match patterns such as \`*.Callback*\`.
- \`Group.CallbackAfterTopicInfoChanged\` does not tell, by its documentation, which topic has changed.
- \`To_Account\` is a list in \`Follow.CallbackAfterFollowDelete\` and \`Live.CallbackBeforeSendGift\`; \`Type\` is no type of group in \`Room.CallbackAfterMemberEnter\` and \`Room.CallbackAfterMemberLeave\`.
- Callbacks of calls, conference rooms and live rooms are switched on by the REST API of their kits (\`v4/call_config/set_callback\`, \`v4/live_config/set_callback\`), the others in the console.

### In TypeScript

\`BodyOf\` is the body of a command; \`EventOf\` an event with a parsed body, and \`command\` tells which body it is.

\`\`\`ts
import { catalogue, type EventOf } from '@baton/contracts'
import { Value } from '@sinclair/typebox/value'

/** What to call a thing that was created. */
function nameOf (event: EventOf<'Group.CallbackAfterCreateGroup' | 'Group.CallbackAfterCreateTopic'>): string {
  switch (event.command) {
    case 'Group.CallbackAfterCreateGroup': return event.body.Name
    case 'Group.CallbackAfterCreateTopic': return \`\${event.body.Name} in \${event.body.GroupId}\`
  }
}

/** The owner of a group that was created, where the text of its body is as documented. */
function ownerIn (text: string): string | undefined {
  const body: unknown = JSON.parse(text)
  return Value.Check(catalogue['Group.CallbackAfterCreateGroup'].body, body) ? body.Owner_Account : undefined
}
\`\`\`

### In other languages

[\`schemas\`](../schemas) holds a JSON Schema (draft-07) of each body, with an example, for validators and for generators of classes;
[\`index.json\`](../schemas/index.json) lists them with the places of their keys. They allow what they do not name. What does not fit them may come all the same: that is drift.
`
