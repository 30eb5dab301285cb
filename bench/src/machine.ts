import { mkdtemp, open, rm } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { quantile } from './quantile.ts'

export interface Machine {
  cores: number
  processor: string
  node: string
  platform: string
  /** ms that flushing 4 KiB to the disk of the journals takes, the median of many. Near 0 = memory or a disk that only says so. */
  flush: number
}

export async function machine (): Promise<Machine> {
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? 'unknown',
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    flush: await flushTime()
  }
}

async function flushTime (): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'baton-bench-'))
  try {
    const file = await open(join(folder, 'flush'), 'w')
    const page = Buffer.alloc(4096, 1)
    const times: number[] = []
    for (let at = 0; at < 200; at++) {
      const from = performance.now()
      await file.write(page, 0, page.length, at * page.length)
      await file.datasync()
      times.push(performance.now() - from)
    }
    await file.close()
    return quantile(times.sort((a, b) => a - b), 0.5)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
