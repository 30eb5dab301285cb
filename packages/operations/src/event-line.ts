import type { Event } from '@baton/contracts'
import { recordingLine } from '@baton/fake-tencent'

/** An event as one line of a recording, which `baton send --file` and `baton compare` read, with what Baton knows of it besides. */
export const eventLine = ({ id, appId, command, query, receivedAt, body, decision }: Event, more: object = {}): string =>
  recordingLine({ query, body, receivedAt, ...{ event: id, app: appId, command, decision, ...more } })
    .replaceAll(/[\u007f-\u009f\p{Bidi_C}]/gu, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`) // the same JSON, and nothing to a terminal that shows it
