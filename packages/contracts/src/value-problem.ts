import type { ValueError } from '@sinclair/typebox/compiler'

/** `/MemberList/0/Member_Account` is spelled `MemberList[0].Member_Account`. */
export function pathOf ({ path }: ValueError): string {
  const steps = path.split('/').slice(1).map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  return steps.reduce((text, step) => /^\d+$/.test(step) ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`, '')
}

/** What is wrong, and never the value itself: it may be personal. */
export function problemOf (error: ValueError): string {
  if (error.value === undefined) return 'is missing'
  const description: unknown = error.schema.description
  if (typeof description === 'string' && error.schema.anyOf !== undefined) return `must be ${description}`
  return error.message.replace('Expected', 'must be').replace('Required property', 'is missing')
}
