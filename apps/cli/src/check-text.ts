import type { Checked } from './check.ts'
import { table } from './table.ts'
import { visible } from './visible.ts'

/** What a relay will do, for people. */
export function checkText ({ relayFile, warnings, ingress: { url, certificateExpires }, apps, decisions, targets }: Checked): string {
  return [
    ...warnings.map(warning => `Warning: ${visible(warning)}`),
    relayFile === null ? 'There is no relay file: the default relay fits.' : `The relay file fits. It is ${visible(relayFile)}.`,
    table([{ INGRESS: url, CERTIFICATE: certificateExpires === undefined ? 'none: HTTP' : `until ${certificateExpires}` }]),
    table(apps.map(({ sdkAppId, signed, freshness, allow }) => ({ APP: sdkAppId, SIGNED: signed ? `yes, within ${freshness} s` : 'no, anybody may send', FROM: allow === undefined ? 'everywhere' : allow.length > 3 ? `${allow.length} addresses and networks` : allow.join(', ') }))),
    ...decisions.length === 0 ? [] : [table(decisions.map(({ app, commands, url, signed, deadline, fallback, mode }) => ({ APP: app, 'DECIDES ABOUT': commands.join(', '), ENDPOINT: url, SIGNED: signed ? 'yes' : 'no', DEADLINE: `${deadline} ms`, ELSE: fallback, MODE: mode })))],
    table(targets.map(({ name, type, to = '-', signed, commands, without }) => ({ TARGET: name, TYPE: type, TO: to, SIGNED: signed === undefined ? '-' : signed ? 'yes' : 'no', COMMANDS: `${commands?.join(', ') ?? 'all after-commands'}${without === undefined ? '' : `; no ${without}`}` })))
  ].join('\n')
}
