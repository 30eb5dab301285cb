import { createScanner } from 'jsonc-parser'
import { stepInto, type Progresses } from './mask-path.ts'

/** What is done with a value that a rule ends at: the whole member or element goes, or JSON takes its place. @param value its text, as it stands */
export type MaskAction = 'drop' | ((value: string) => string)

/** An object or list that is being read. */
interface Holder {
  progresses: Progresses
  isList: boolean
  /** Elements so far. */
  index: number
  /** Where the member or element that is being read begins; undefined between them. */
  begin: number | undefined
  /** What is done with it. */
  action: MaskAction | undefined
  within: Progresses
  /** Where the last one that stays has ended. */
  keptTo: number | undefined
  /** Where those begin that are dropped before any that stays. */
  droppedFrom: number | undefined
}

/**
 * Masks the text of a JSON object, which has been parsed before. All that is not masked stays as it is, character by character; with a member or element goes
 * the comma that it no longer needs. Every occurrence of a name counts, and names as they are meant, not as they are written. Undefined where nothing was masked.
 */
export function maskText (text: string, start: Progresses, actions: readonly MaskAction[]): string | undefined {
  const scanner = createScanner(text, true)
  const pieces: string[] = []
  let copiedTo = 0
  const edit = (from: number, to: number, replacement: string) => {
    pieces.push(text.slice(copiedTo, from), replacement)
    copiedTo = to
  }
  /** Those whose parts may be masked; what is in others is passed over. */
  const open: Holder[] = []
  /** How deep we are in a value that is passed over, and where it begins. */
  let over = 0
  let valueFrom = 0

  const openHolder = (progresses: Progresses, isList: boolean) => {
    open.push({ progresses, isList, index: 0, begin: undefined, action: undefined, within: [], keptTo: undefined, droppedFrom: undefined })
  }
  const enter = (holder: Holder, name: string, at: number) => {
    const { ends, within } = stepInto(holder.progresses, name)
    holder.begin = at
    holder.action = ends === undefined ? undefined : actions[ends]
    holder.within = within
    if (holder.action === 'drop' || holder.droppedFrom === undefined) return
    edit(holder.droppedFrom, at, '')
    holder.droppedFrom = undefined
  }
  /** The value that has just ended belongs to the nearest holder. */
  const finish = (end: number) => {
    const holder = open.at(-1)
    if (holder?.begin === undefined) return
    const { begin, action, keptTo } = holder
    holder.begin = undefined
    if (action === 'drop' && keptTo === undefined) {
      holder.droppedFrom ??= begin
      return
    }
    if (action === 'drop') edit(keptTo ?? begin, end, '')
    else if (action !== undefined) edit(valueFrom, end, action(text.slice(valueFrom, end)))
    holder.keptTo = end
  }

  for (scanner.scan(); scanner.getTokenOffset() < text.length; scanner.scan()) {
    const at = scanner.getTokenOffset()
    const end = at + scanner.getTokenLength()
    const token = text[at]
    if (over > 0) {
      if (token === '{' || token === '[') over += 1
      else if ((token === '}' || token === ']') && --over === 0) finish(end)
      continue
    }
    const holder = open.at(-1)
    if (token === ',' || token === ':') continue
    if (token === '}' || token === ']') {
      // What was dropped before any that stays, and none stays.
      if (holder?.droppedFrom !== undefined) edit(holder.droppedFrom, endBefore(text, at), '')
      open.pop()
      finish(end)
      continue
    }
    if (holder === undefined) { // the body itself
      openHolder(start, token === '[')
      continue
    }
    if (!holder.isList && holder.begin === undefined) {
      enter(holder, scanner.getTokenValue(), at)
      continue
    }
    if (holder.isList) enter(holder, String(holder.index++), at)
    if (token !== '{' && token !== '[') {
      valueFrom = at
      finish(end)
    } else if (holder.action === undefined && holder.within.length > 0) openHolder(holder.within, token === '[')
    else {
      valueFrom = at
      over = 1
    }
  }
  if (pieces.length === 0) return undefined
  return pieces.join('') + text.slice(copiedTo)
}

/** The end of what stands before a closing bracket, but for white space. */
function endBefore (text: string, bracket: number): number {
  let end = bracket
  while (' \t\r\n'.includes(text.charAt(end - 1))) end -= 1
  return end
}
