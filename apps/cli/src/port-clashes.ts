import type { Settings } from '@baton/runtime'

/** Servers of one relay that ask for the same port; 0 is a free one for each. The embedded PostgreSQL is one where a target needs it. */
export function portClashes (settings: Settings, needsEmbeddedPostgres: boolean): string[] {
  const owners = new Map<number, string>()
  return (['PORT', 'WORKER_PORT', ...needsEmbeddedPostgres ? ['EMBEDDED_PG_PORT'] as const : []] as const).flatMap(name => {
    const port = settings[name]
    const owner = owners.get(port)
    if (port !== 0 && owner === undefined) owners.set(port, name)
    return owner === undefined ? [] : [`${name} = ${port} is ${owner}, too: choose another one, or 0 for any that is free`]
  })
}
