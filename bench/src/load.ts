/** What one stretch of load showed. Times in ms. */
export interface Load {
  answers: number
  /** Answers other than HTTP 200 with ErrorCode 0. */
  wrong: number
  /** Connections that failed, broke or timed out. */
  broken: number
  seconds: number
  p50: number
  p99: number
  max: number
}

export const isLoad = (value: unknown): value is Load =>
  typeof value === 'object' && value !== null &&
  ['answers', 'wrong', 'broken', 'seconds', 'p50', 'p99', 'max'].every(name => typeof Object.entries(value).find(([key]) => key === name)?.[1] === 'number')
