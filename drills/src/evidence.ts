import { mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { commit, machine } from './machine.ts'
import { checkout } from './places.ts'
import type { PrivatePostgres } from './private-postgres.ts'
import type { DrillResult } from './run-drill.ts'
import { table } from './table.ts'

/** Writes down one run, to be kept: when, where, of which commit, and all that was checked. Answers the file. */
export function writeEvidence (folder: string, results: readonly DrillResult[], postgres: PrivatePostgres | undefined): string {
  const at = new Date().toISOString().slice(0, 19)
  const of = commit()
  const file = join(folder, `drills-${at.replaceAll(':', '')}-${of}.txt`)
  const report = table(results.map(result => ({ ...result, folder: null })), { all: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, `npm run drills, ended ${at}Z, commit ${of}\n${machine(postgres)}\n\n${withoutPlaces(report)}\n`)
  return file
}

/** Where this machine keeps its files is nobody's business. */
const withoutPlaces = (text: string): string => text.replaceAll(checkout.href, '').replaceAll(fileURLToPath(checkout), '').replaceAll(tmpdir(), '<tmp>')
