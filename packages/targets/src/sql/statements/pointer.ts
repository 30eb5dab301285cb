import type { Path } from '../json-text.ts'

/** Steps of a JSON pointer, RFC 6901. */
export type Steps = readonly string[]

/** The steps of a pointer that problemOfPointer has let through. */
export const stepsOf = (pointer: string): Steps => pointer.split('/').slice(1).map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))

/** What is wrong with a pointer, as it begins with a slash; undefined where nothing is. */
export function problemOfPointer (pointer: string): string | undefined {
  const steps = pointer.split('/').slice(1)
  if (!pointer.startsWith('/') || steps.includes('')) return 'a path is written /Name, or /MemberList/0/Member_Account, with a name or a number after each slash'
  if (steps.some(step => /~(?![01])/.test(step))) return '~ is written ~0, and a slash in a name ~1'
  if (steps.includes('*')) return 'a path leads to one place; forEach runs the statement for each element of a list'
  return undefined
}

/** A value within a body, and where it stands there. */
export interface Found {
  value: unknown
  path: Path
}

/** What stands at these steps within what was found; undefined where nothing does. */
export function foundAt (start: Found, steps: Steps): Found | undefined {
  let { value, path } = start
  for (const step of steps) {
    if (Array.isArray(value)) {
      const index = /^(0|[1-9]\d{0,8})$/.test(step) ? Number(step) : Infinity
      if (index >= value.length) return undefined
      value = value[index]
      path = [...path, index]
    } else {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
      value = Reflect.get(value, step)
      path = [...path, step]
    }
  }
  return { value, path }
}
