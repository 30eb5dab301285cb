import { readFile } from 'node:fs/promises'

/** Linux counts these in hundredths of a second, whatever its own clock. */
const ticksPerSecond = 100

/** CPU time that a process has used, all its threads together; undefined where the system does not say or the process is gone. */
export async function cpuSeconds (pid: number): Promise<number | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The name of the program may hold spaces; the numbers come after its closing bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
  } catch {
    return undefined
  }
}
