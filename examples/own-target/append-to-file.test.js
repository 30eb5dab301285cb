// node --test examples/own-target/append-to-file.test.js

import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { targetContract } from '@baton/targets/contract'
import { target } from './append-to-file.js'

/** A file of the test's own. */
async function fileFor (t) {
  const folder = await mkdtemp(join(tmpdir(), 'append-to-file-'))
  t.after(async () => { await rm(folder, { recursive: true }) })
  return join(folder, 'events.jsonl')
}

const linesOf = async file => (await readFile(file, 'utf8').catch(() => '')).split('\n').filter(line => line !== '')

const anEvent = (id, body) => ({ id, appId: 1400000000, command: 'Group.CallbackAfterCreateGroup', query: '', receivedAt: 1_700_000_000_000, eventTime: null, orderingKey: id, body: Buffer.from(body) })
const context = { name: 'lines', log: { info () {} }, concurrency: 1, timeout: 10_000 }
const opened = (file, settings = {}) => target.open({ file, longestLine: 2_000_000, ...settings }, context)
const patient = () => ({ signal: AbortSignal.timeout(10_000), attempt: 1 })

// What every target promises.
targetContract(test, 'append-to-file', async t => {
  const file = await fileFor(t)
  const tooLong = anEvent('evt_too_long', JSON.stringify({ Long: 'x'.repeat(3_000_000) }))
  return {
    open: context => target.open({ file, longestLine: 2_000_000 }, context),
    together: target.together,
    arrived: async () => new Set((await linesOf(file)).map(line => JSON.parse(line).id)),
    poisoned: () => tooLong
  }
})

// What this one promises beyond that.
test('each event is a line, with its body as it came', async t => {
  const file = await fileFor(t)
  const events = [anEvent('evt_1', '{\r\n  "Id": 144115212830834855 }'), anEvent('evt_2', '\uFEFF{"Name":"a\\nb 😀"}')]
  assert.deepEqual(await opened(file).deliver(events, patient()), [{ kind: 'delivered' }, { kind: 'delivered' }])
  assert.deepEqual(await linesOf(file), [
    '{"id":"evt_1","appId":1400000000,"command":"Group.CallbackAfterCreateGroup","receivedAt":"2023-11-14T22:13:20.000Z","body":{    "Id": 144115212830834855 }}',
    '{"id":"evt_2","appId":1400000000,"command":"Group.CallbackAfterCreateGroup","receivedAt":"2023-11-14T22:13:20.000Z","body":{"Name":"a\\nb 😀"}}'
  ])
})

test('half a line, left by a full disk, spoils no other', async t => {
  const file = await fileFor(t)
  await writeFile(file, '{"id":"evt_0","bo')
  await opened(file).deliver([anEvent('evt_1', '{}')], patient())
  assert.equal(JSON.parse((await linesOf(file))[1]).id, 'evt_1')
})

test('a folder that is missing is tried slowly, until somebody makes it', async t => {
  const [outcome] = await opened(join(await fileFor(t), 'missing', 'events.jsonl')).deliver([anEvent('evt_1', '{}')], patient())
  assert.deepEqual({ ...outcome, reason: undefined }, { kind: 'retry', slow: true, code: 'file_enoent', reason: undefined })
})

test('a folder instead of a file is found when the relay file is checked', () => {
  assert.deepEqual(target.problemOf({ file: '/var/lib/events/' }), ['file', 'is a folder; name the file in it'])
  assert.equal(target.problemOf({ file: '/var/lib/events/events.jsonl' }), undefined)
})
