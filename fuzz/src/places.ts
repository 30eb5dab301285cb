import { fileURLToPath } from 'node:url'

// Processes are always started from what was built, also where this file itself is run from source.
const checkout = new URL(import.meta.url.slice(0, import.meta.url.lastIndexOf('/fuzz/') + 1))

export const batonCommand = fileURLToPath(new URL('apps/cli/bin/baton.js', checkout))
