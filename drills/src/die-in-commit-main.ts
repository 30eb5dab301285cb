import { EventEmitter } from 'node:events'

// Preloaded into an ingress: kills it at its nth commit, after the events were handed to LMDB and before they are flushed.
const fatal = Number(new URL(import.meta.url).searchParams.get('nth'))
let commits = 0

// Each open() of lmdb makes a class of its own, and assigns `batch` to its prototype, which descends from EventEmitter's.
Object.defineProperty(EventEmitter.prototype, 'batch', {
  get: () => undefined,
  set (this: object, batch: (...args: unknown[]) => unknown) {
    const value = function (this: unknown, ...args: unknown[]): unknown {
      const handedOver = batch.apply(this, args)
      if (++commits === fatal) process.kill(process.pid, 'SIGKILL')
      return handedOver
    }
    Object.defineProperty(this, 'batch', { value })
  }
})
