import { parseArgs } from 'node:util'

export interface Options {
  rounds: number
  connections: number[]
  /** For each number of connections. */
  seconds: number
  /** Whole, as the generators want them. */
  warmUpSeconds: number
  /** Names of contenders; empty = all. The yardsticks are always there. */
  only: string[]
  /** Measures callbacks that somebody decides about, and nothing else. */
  decisions: boolean
  /** Measures what targets notice of each other, and whether a rate limit is kept, and nothing else. */
  targets: boolean
  /** File for the numbers. */
  json: string | undefined
}

export const usage = `npm run bench -- [--quick] [--json FILE] [--only NAME,...] [--rounds N] [--connections N,...] [--seconds N]
npm run bench -- --decisions [--rounds N] [--seconds N]
npm run bench -- --targets [--rounds N] [--seconds N]
  --quick  one short round: shows that everything runs, and no more`

export function readOptions (args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      decisions: { type: 'boolean', default: false },
      targets: { type: 'boolean', default: false },
      json: { type: 'string' },
      only: { type: 'string', default: '' },
      rounds: { type: 'string' },
      connections: { type: 'string' },
      seconds: { type: 'string' }
    }
  })
  return {
    rounds: wholeNumber('rounds', values.rounds ?? (values.quick ? '1' : values.targets ? '5' : '3')),
    connections: (values.connections ?? (values.quick ? '1,64' : '1,16,64,256')).split(',').map(text => wholeNumber('connections', text)),
    seconds: wholeNumber('seconds', values.seconds ?? (values.quick ? '1' : values.decisions || values.targets ? '10' : '2')),
    warmUpSeconds: values.quick ? 1 : values.decisions ? 5 : 2,
    decisions: values.decisions,
    targets: values.targets,
    only: values.only.split(',').filter(name => name !== ''),
    json: values.json
  }
}

function wholeNumber (name: string, text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new Error(`--${name} takes whole numbers from 1 to 9999, not ${JSON.stringify(text)}`)
  return Number(text)
}
