/** A step of a path: a name, which may hold one `*` for any characters; or any number of steps. */
type Step = { before: string, after: string | undefined } | 'any depth'

/** A rule, and how many of its steps a place has taken. */
interface Progress {
  rule: number
  steps: readonly Step[]
  taken: number
}

/** How far the rules have come at some place of a body. */
export type Progresses = readonly Progress[]

/** What is wrong with a path; undefined where nothing is. */
export function problemOfPath (path: string): string | undefined {
  const steps = path.split('/').slice(1)
  if (!path.startsWith('/') || steps.includes('')) return 'a path is written /Name, or /Name/*/Name, with a name or a * after each slash'
  if (steps.at(-1) === '**') return 'a path ends with a name or *; ** stands for any number of steps before one'
  if (steps.some((step, at) => step === '**' && steps[at + 1] === '**')) return 'one ** stands for any number of steps already'
  if (steps.some(step => step !== '**' && step.split('*').length > 2)) return 'a step has at most one *'
  if (steps.some(step => /~(?![01])/.test(step))) return '~ is written ~0, and a slash in a name ~1'
  return undefined
}

/** The rules at the root of a body. */
export const startOf = (paths: readonly string[]): Progresses =>
  paths.flatMap((path, rule) => reached({ rule, steps: path.split('/').slice(1).map(stepOf), taken: 0 }))

/** What the rules have come to at the member or element of this name: how far they are, and the first that ends here. */
export function stepInto (progresses: Progresses, name: string): { ends: number | undefined, within: Progresses } {
  let ends: number | undefined
  const within: Progress[] = []
  for (const progress of progresses) {
    const { rule, steps, taken } = progress
    const step = steps[taken]
    if (step === undefined) continue
    if (step === 'any depth') add(within, reached(progress))
    else if (fits(step, name)) {
      if (taken + 1 < steps.length) add(within, reached({ rule, steps, taken: taken + 1 }))
      else if (ends === undefined || rule < ends) ends = rule
    }
  }
  return { ends, within }
}

/** Before `**` is where it may have ended as well. */
const reached = (progress: Progress): Progress[] =>
  progress.steps[progress.taken] === 'any depth' ? [progress, { ...progress, taken: progress.taken + 1 }] : [progress]

/** Each once: with several `**` the same place is reached in many ways. */
function add (progresses: Progress[], more: readonly Progress[]): void {
  for (const progress of more) {
    if (!progresses.some(({ rule, taken }) => rule === progress.rule && taken === progress.taken)) progresses.push(progress)
  }
}

function stepOf (text: string): Step {
  if (text === '**') return 'any depth'
  const [before = '', after] = text.split('*').map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  return { before, after }
}

const fits = ({ before, after }: Exclude<Step, string>, name: string): boolean => after === undefined
  ? name === before
  : name.length >= before.length + after.length && name.startsWith(before) && name.endsWith(after)
