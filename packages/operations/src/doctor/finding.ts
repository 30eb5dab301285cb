/** `fail`: callbacks do not arrive, or not all of them. `warn`: they do, but somebody should look. */
type Status = 'ok' | 'warn' | 'fail'

/** What a check has to say. */
export interface Finding {
  status: Status
  found: string
  /** What to do about it. */
  next?: string | undefined
  /** Until this is mended, no later check makes sense. */
  ends?: boolean
}

export const ok = (found: string, next?: string): Finding => ({ status: 'ok', found, next })
export const warn = (found: string, next: string): Finding => ({ status: 'warn', found, next })
export const fail = (found: string, next: string): Finding => ({ status: 'fail', found, next })
/** A failure behind which nothing can be seen. */
export const end = (found: string, next: string): Finding => ({ status: 'fail', found, next, ends: true })

/** Several findings of one check as one: the worst counts. */
export function together (findings: readonly Finding[]): Finding {
  const order: Status[] = ['ok', 'warn', 'fail']
  const worst = findings.reduce<Status>((worst, { status }) => order.indexOf(status) > order.indexOf(worst) ? status : worst, 'ok')
  return {
    status: worst,
    found: findings.map(({ found }) => found).join('; '),
    next: [...new Set(findings.flatMap(({ next }) => next ?? []))].join(' ') || undefined,
    ends: findings.some(({ ends }) => ends)
  }
}
