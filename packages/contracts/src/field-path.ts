/** Characters of a path that are told: whoever sends callbacks chooses the names in it. */
const longest = 200

/** `/MemberList/0/Member_Account` is spelled `MemberList[0].Member_Account`. */
export const fieldPath = (pointer: string): string => spelled(stepsIn(pointer), index => `[${index}]`)

/** The same path for every element of a list: `MemberList[].Member_Account`. */
export const fieldPlace = (pointer: string): string => fieldPlaceOf(stepsIn(pointer))
export const fieldPlaceOf = (steps: readonly string[]): string => spelled(steps, () => '[]')

const stepsIn = (pointer: string): string[] => pointer.split('/').slice(1).map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))

function spelled (steps: readonly string[], element: (index: string) => string): string {
  return legible(steps.reduce((text, step) => /^\d+$/.test(step) ? text + element(step) : text === '' ? step : `${text}.${step}`, ''))
}

/** Cut to a bounded length; and what no terminal should be given (controls, changes of direction, half characters) is spelled out. */
function legible (text: string): string {
  const shown = text.length <= longest ? text : `${text.slice(0, longest)}…` // put together anew, it holds on to nothing of a long text
  return shown.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, character =>
    Array.from({ length: character.length }, (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''))
}
