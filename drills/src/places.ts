import { fileURLToPath } from 'node:url'

// Processes are always started from what was built, also where this file itself is run from source.
export const checkout = new URL(import.meta.url.slice(0, import.meta.url.lastIndexOf('/drills/') + 1))

export const batonCommand = fileURLToPath(new URL('apps/cli/bin/baton.js', checkout))

const built = (name: string): URL => new URL(`drills/dist/src/${name}.js`, checkout)

export const builtFile = (name: string): string => fileURLToPath(built(name))

/** The variable that has one of our files loaded into a process before its own, with an argument that it finds in its URL. */
export const preloaded = (name: string, [argument, value]: readonly [string, string | number]): { NODE_OPTIONS: string } =>
  ({ NODE_OPTIONS: `--import ${built(name).href}?${argument}=${value}` })
