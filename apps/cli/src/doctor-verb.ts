import { doctor, type Check, type Diagnosis } from '@baton/operations'
import { readSettings } from '@baton/runtime'
import type { Command } from 'commander'
import { integer } from './integer.ts'
import { print, printJson } from './print.ts'
import { ingressUrl } from './ingress-url.ts'
import { sendSettings } from './send-settings.ts'
import { visible } from './visible.ts'

interface DoctorFlags {
  app?: number
  token?: string
  tunnel?: boolean
  json?: boolean
}

/** Adds `doctor`. */
export function addDoctorVerb (program: Command): void {
  program.command('doctor')
    .description('look at the callback URL as Tencent meets it: tell what is wrong, what to do, and what to enter in the console')
    .argument('[url]', 'the callback URL; default: the ingress that runs with these settings')
    .option('--app <id>', "the app's SDKAppID; default: the first app in the relay file", integer(1, 4_294_967_295))
    .option('--token <token>', 'sign with it; default: the tokens of the app in the relay file, which other users of this machine cannot see')
    .option('--tunnel', 'show how an ingress on this machine gets a public address')
    .option('--json', 'print JSON')
    .action(async (url: string | undefined, { app, token, tunnel, json }: DoctorFlags) => {
      const here = ingressUrl(readSettings())
      const found = app !== undefined && token !== undefined ? { appId: app, tokens: [token] } : sendSettings(app)
      const diagnosis = await doctor({
        url: url ?? here,
        appId: found.appId,
        tokens: token === undefined ? found.tokens : [token],
        tunnelTo: tunnel ? here : undefined,
        onCheck: check => { if (!json) printCheck(check) }
      })
      if (!diagnosis.healthy) process.exitCode = 1
      if (json) printJson(diagnosis)
      else printRest(diagnosis)
    })
}

const marks = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' }

function printCheck ({ name, status, found, next }: Check): void {
  print(visible(`${marks[status]}  ${name.padEnd(11)} ${found}`))
  if (next !== undefined) print(visible(`${''.padEnd(18)}-> ${next}`))
}

function printRest ({ healthy, local, checks, unchecked, console, tunnels }: Diagnosis): void {
  const failed = checks.filter(({ status }) => status === 'fail').map(({ name }) => name)
  print('')
  print(!healthy
    ? `Callbacks do not arrive as they should: ${failed.join(', ')}.`
    : local ? 'Nothing is wrong here, but Tencent cannot reach this address.' : 'Nothing stands in the way of callbacks.')
  if (unchecked.length > 0) print(`Not checked: ${unchecked.join(', ')}.`)
  if (tunnels.length > 0) {
    print('\nFor an address that Tencent reaches, start one of these, then run the doctor again with the URL that it gives, and the path of the ingress:\n')
    for (const { by, command, note } of tunnels) print(`  ${command}\n      ${by}: ${note}`)
  }
  print(`\n${healthy ? 'In' : 'Once that is mended, in'} Tencent's console:\n`)
  for (const [at, step] of console.entries()) print(visible(`  ${at + 1}. ${step}`))
}
