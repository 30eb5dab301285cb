import { fileURLToPath } from 'node:url'

// Processes are always started from what was built, also where this file itself is run from source.
const checkout = import.meta.url.slice(0, import.meta.url.lastIndexOf('/drills/') + 1)

export const batonCommand = fileURLToPath(new URL('apps/cli/bin/baton.js', checkout))

export const builtFile = (name: string): string => fileURLToPath(new URL(`drills/dist/src/${name}.js`, checkout))
