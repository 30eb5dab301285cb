import { setTimeout as pause } from 'node:timers/promises'

/** What a drill does not get done in time. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime'
}

/** ms between two looks. */
const lookInterval = 50

/** The time that a drill has. */
export class Patience {
  readonly #deadline: number

  /** @param milliseconds from now */
  constructor (milliseconds: number) {
    this.#deadline = performance.now() + milliseconds
  }

  /** Resolves once something holds; rejects with OutOfTime when the drill's time is over, or an earlier deadline. */
  async until (holds: () => boolean | Promise<boolean>, otherwise: () => string, deadline = Infinity): Promise<void> {
    while (!await holds()) {
      if (performance.now() > Math.min(deadline, this.#deadline)) throw new OutOfTime(`out of time: ${otherwise()}`)
      await pause(lookInterval)
    }
  }

  /** The same, and answers whether it came to hold. */
  async comesTrue (holds: () => boolean | Promise<boolean>, deadline = Infinity): Promise<boolean> {
    try {
      await this.until(holds, () => '', deadline)
      return true
    } catch (error) {
      if (error instanceof OutOfTime) return false
      throw error
    }
  }
}
