import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync, statSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { anEvent } from '@baton/testing'
import t, { type Test } from 'tap'
import { openJournal, visitJournal, type JournalOptions } from '../src/index.ts'
import { aFolder, aJournal, all, ofSize, seeded, usual } from './a-journal.ts'

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

/** Another process that opens the journal of the folder and runs this code; `say` gives us a line, `heard` gets the next one from us. */
const otherProcess = (t: Test, folder: string, code: string, options: Partial<JournalOptions> = {}, flags: string[] = []) => speaking(t, `
    import { openJournal } from ${JSON.stringify(import.meta.resolve('@baton/journal'))}
    import { createHash, randomBytes } from 'node:crypto'
    const anEvent = body => ({ id: 'evt_' + randomBytes(16).toString('hex'), appId: 1400000000, command: 'Group.CallbackAfterCreateTopic', query: 'SdkAppid=1400000000', receivedAt: Date.now(), eventTime: null, orderingKey: 'k', body })
    const journal = await openJournal(${JSON.stringify({ ...usual, ...options, folder })})
    ${code}`, flags)

/** Another process that visits the journal of the folder and runs this code. */
const visitor = (t: Test, folder: string, code: string, identity: { uid?: number, gid?: number } = {}) => speaking(t, `
    import { visitJournal } from ${JSON.stringify(import.meta.resolve('@baton/journal'))}
    import { createHash } from 'node:crypto'
    const folder = ${JSON.stringify(folder)}
    ${code}`, [], identity)

function speaking (t: Test, code: string, flags: string[] = [], identity: { uid?: number, gid?: number } = {}) {
  const child = spawn(process.execPath, [...flags, '--input-type=module', '-e', `
    import { createInterface } from 'node:readline'
    const say = line => process.stdout.write(line + '\\n')
    const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
    const heard = async () => (await lines.next()).value
    ${code}`], { stdio: ['pipe', 'pipe', 'pipe'], ...identity })
  t.teardown(() => child.kill('SIGKILL'))
  let complaints = ''
  child.stderr.on('data', data => { complaints += String(data) })
  const ended = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    pid: child.pid ?? 0,
    async heard (): Promise<string> {
      const { value, done } = await lines.next()
      if (done) throw new Error(`the other process ended: ${complaints}`)
      return value
    },
    /** What it said before it died and nobody has heard yet. */
    async rest (): Promise<string[]> {
      const rest: string[] = []
      for (let line = await lines.next(); !line.done; line = await lines.next()) rest.push(line.value)
      return rest
    },
    say: (line: string) => child.stdin.write(`${line}\n`),
    async kill () {
      child.kill('SIGKILL')
      await ended
    }
  }
}

t.test('every append that resolved outlives kill -9 at any moment, once and under its number', async t => {
  const folder = aFolder(t)
  const random = seeded(7)
  const acked = new Map<number, string>()
  let flushed = 0
  for (let round = 1; round <= 8; round++) {
    const retainedQuota = round % 2 === 0 ? 20_000 : 1e9
    const child = otherProcess(t, folder, `
      say('ready')
      for (let producer = 0; producer < 32; producer++) {
        void (async () => {
          for (;;) {
            const body = randomBytes(Math.random() < 0.02 ? 300_000 : 10 + Math.floor(Math.random() * 3000))
            const seq = await journal.append(anEvent(body))
            say(seq + ' ' + createHash('sha256').update(body).digest('hex'))
            if (seq % 50 === 0) void journal.settle(seq - 30).then(() => journal.trim(seq))
            if (seq % 20 === 0) void journal.remember('note', String(seq))
          }
        })()
      }`, { retainedQuota })
    t.equal(await child.heard(), 'ready')
    const take = (line: string) => {
      const [seq, hash] = line.split(' ')
      if (seq === undefined || hash?.length !== 64) return // cut short by the kill
      if (acked.has(Number(seq))) t.fail(`number ${seq} was given twice`)
      acked.set(Number(seq), hash)
    }
    for (let left = Math.floor(random() * 1500); left >= 0; left--) take(await child.heard())
    await child.kill()
    for (const line of await child.rest()) take(line)

    const journal = await aJournal(t, { folder, retainedQuota })
    const kept = new Map(journal.read(0, all).map(({ seq, event }) => [seq, event]))
    const lost = [...acked].filter(([seq, hash]) => {
      const event = kept.get(seq)
      return event === undefined ? seq > journal.settledTo : sha256(event.body) !== hash
    })
    t.same(lost, [], `round ${round}: ${acked.size} acknowledged, ${kept.size} kept, settled to ${journal.settledTo}`)
    t.equal(new Set([...kept.values()].map(({ id }) => id)).size, kept.size, 'none is there twice')
    t.same([...kept.keys()], Array.from(kept.keys(), (_, at) => journal.flushed - kept.size + 1 + at), 'no gaps')
    t.ok(journal.flushed >= Math.max(flushed, ...acked.keys()))
    flushed = journal.flushed + 1
    const event = anEvent()
    t.equal(await journal.append(event), flushed)
    acked.set(flushed, sha256(event.body))
    await journal.close()
  }
})

t.test('a journal that is open is refused to everybody else until its process ends, even by kill -9', async t => {
  const folder = aFolder(t)
  const child = otherProcess(t, folder, 'say(await journal.append(anEvent(randomBytes(9)))); await heard()')
  t.equal(await child.heard(), '1')
  await t.rejects(openJournal({ ...usual, folder }), { code: 'JOURNAL_IN_USE', message: new RegExp(`${folder}.*BATON_DATA_DIR`) })
  await child.kill()

  const journal = await aJournal(t, { folder })
  t.equal(journal.flushed, 1)
  await t.rejects(openJournal({ ...usual, folder }), { code: 'JOURNAL_IN_USE' })
  await journal.close()
  t.same(readdirSync(folder).sort(), ['data.mdb', 'lock.mdb'])
  await aJournal(t, { folder })
})

t.test('of many that open a journal at once one gets it at most, and at last one does', async t => {
  const folder = aFolder(t)
  const opened = await Promise.allSettled(Array.from({ length: 8 }, () => aJournal(t, { folder })))
  const got = opened.flatMap(result => result.status === 'fulfilled' ? [result.value] : [])
  t.ok(got.length <= 1, `${got.length} got it`)
  for (const journal of got) await journal.close()
  await (await aJournal(t, { folder })).append(anEvent())
})

t.test('the path of the folder may be long', { skip: process.platform !== 'linux' && 'elsewhere it is refused' }, async t => {
  const folder = join(aFolder(t), ...Array.from({ length: 8 }, () => 'a-rather-long-name-of-a-folder'))
  const journal = await aJournal(t, { folder })
  await t.rejects(openJournal({ ...usual, folder }), { code: 'JOURNAL_IN_USE' })
  await journal.close()
  await aJournal(t, { folder })
  t.pass()
})

const runs = (command: string, ...args: string[]): boolean => spawnSync(command, args, { stdio: 'ignore' }).status === 0

const mountFolder = mkdtempSync(join(tmpdir(), 'baton-journal-'))
const mayMount = runs('mount', '-t', 'tmpfs', 'baton-journal', mountFolder) && runs('umount', '-l', mountFolder)
rmSync(mountFolder, { recursive: true, force: true })
const needsDisk = { skip: mayMount ? false : 'to mount a small disk takes root' }
const needsLimit = { skip: runs('prlimit', '--pid', String(process.pid)) ? false : 'there is no prlimit' }

/** A disk of 64 MiB; `fill` leaves so many bytes of it free. */
function smallDisk (t: Test) {
  const disk = aFolder(t)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'baton-journal', disk])
  const unmount = () => runs('umount', '-l', disk)
  process.once('exit', unmount) // also where the test ends badly
  t.teardown(() => { unmount() })
  const free = () => statfsSync(disk).bavail * statfsSync(disk).bsize
  return {
    folder: join(disk, 'journal'),
    free,
    fill: (left: number) => writeFileSync(join(disk, 'ballast'), Buffer.alloc(free() - left)),
    empty: () => rmSync(join(disk, 'ballast'))
  }
}

t.test('a disk that others fill to the last byte refuses events before LMDB meets it, and takes them again when there is space', needsDisk, async t => {
  const { folder, fill, empty } = smallDisk(t)
  const journal = await aJournal(t, { folder })
  await Promise.all(Array.from({ length: 50 }, () => journal.append(ofSize(600))))
  t.equal(journal.obstacle(), undefined)

  // Filled behind the journal's back, right after it has looked.
  fill(0)
  let appended = 50
  for (let refused: PromiseRejectedResult[] = []; refused.length === 0;) {
    const results = await Promise.allSettled(Array.from({ length: 300 }, () => journal.append(ofSize(600))))
    refused = results.filter(result => result.status === 'rejected')
    appended += results.length - refused.length
    t.same(new Set(refused.map(({ reason }) => `${reason.code} ${reason.reason}`)), new Set(refused.length === 0 ? [] : ['JOURNAL_FULL disk']), 'nothing failed: what its file has no room for is not tried')
  }
  t.equal(journal.flushed, appended)
  t.match(journal.obstacle(), /nearly full/)
  await journal.remember('probe', '1')

  empty()
  t.equal(await journal.append(anEvent()), appended + 1)
  t.equal(journal.obstacle(), undefined)
  await journal.close()
  t.equal((await aJournal(t, { folder })).read(0, all).length, appended + 1)
})

t.test('a journal on a full disk can be opened and settled', needsDisk, async t => {
  const { folder, fill } = smallDisk(t)
  const first = await aJournal(t, { folder, minimumFree: 1 << 20 })
  await Promise.all(Array.from({ length: 500 }, () => first.append(ofSize(3000))))
  await first.close()
  fill(256 << 10)

  const journal = await aJournal(t, { folder, minimumFree: 1 << 20 })
  t.equal(journal.read(0, all).length, 500)
  for (let refusal: unknown; refusal === undefined;) { // what is left in its file
    await journal.append(ofSize(600)).catch((error: unknown) => {
      refusal = error
      t.match(error, { code: 'JOURNAL_FULL', reason: 'disk' })
    })
  }
  t.match(journal.obstacle(), /nearly full/)
  const full = journal.flushed
  await journal.settle(full - 10)
  for (let nth = 1; nth <= 20; nth++) t.equal(await journal.append(ofSize(3000)), full + nth, 'pages of the file that are free again are enough')
  t.ok(journal.stats().depth < full)
  t.equal(journal.read(journal.settledTo, all).length, 30)
})

t.test('what is settled gives way to a disk that gets full, and the free space is respected', needsDisk, async t => {
  const { folder, free } = smallDisk(t)
  const minimumFree = 40 << 20
  const journal = await aJournal(t, { folder, minimumFree })
  for (let round = 0; round < 60; round++) {
    await Promise.all(Array.from({ length: 400 }, () => journal.append(ofSize(3000))))
    await journal.settle(journal.flushed)
  }
  t.ok(free() > minimumFree - (2 << 20), `${free()} bytes are free`)
  t.equal(journal.flushed, 24_000)
  t.ok(journal.stats().depth > 1000, `${journal.stats().depth} are kept`)
})

t.test('on a small disk events of any size are refused before it is full, time and again', needsDisk, async t => {
  const { folder, free } = smallDisk(t)
  const minimumFree = 4 << 20
  const journal = await aJournal(t, { folder, minimumFree, retainedQuota: 10_000_000 })
  const random = seeded(3)
  const size = () => random() < 0.01 ? Math.floor(random() * 1_000_000) : Math.floor(random() ** 2 * 5000)
  const refusals: string[] = []
  let least = Infinity
  for (let round = 0; refusals.length < 8; round++) {
    const results = await Promise.allSettled(Array.from({ length: 1 + Math.floor(random() * 300) }, () => journal.append(ofSize(size()))))
    least = Math.min(least, free())
    const refused = results.find(result => result.status === 'rejected')
    if (refused !== undefined) {
      refusals.push(`${refused.reason.reason}`)
      await journal.settle(journal.flushed - Math.floor(random() * 2000))
      await journal.trim(journal.flushed)
    }
    if (round === 3000) t.fail('the disk never was full')
  }
  t.same(new Set(refusals), new Set(['disk']))
  // Free pages of the file count as room, and a large event finds no use for those that lie apart.
  t.ok(least > minimumFree / 4, `${least} bytes were free at least`)
  t.comment(`${journal.flushed} events, ${journal.stats().bytes.file} bytes of file, ${least} bytes free at least`)
})

t.test('a failed commit ends no process, whoever runs it', needsLimit, async t => {
  const folder = aFolder(t)
  const child = otherProcess(t, folder, `
    process.on('SIGXFSZ', () => {}) // as the ingress does
    for (let count; (count = Number(await heard())) > 0;) {
      const results = await Promise.allSettled(Array.from({ length: count }, () => journal.append(anEvent(Buffer.alloc(10_000)))))
      say(results.filter(({ status }) => status === 'fulfilled').length + ' ' + journal.flushed + ' ' + (journal.obstacle() ?? 'fine'))
    }`)
  const limit = (bytes: string) => execFileSync('prlimit', ['--pid', String(child.pid), `--fsize=${bytes}`], { stdio: 'ignore' })
  child.say('50')
  t.equal(await child.heard(), '50 50 fine')
  limit('2000000:')
  for (let time = 0; time < 3; time++) {
    child.say('200')
    t.match(await child.heard(), /^[0-9]+ [0-9]+ .*(could not be written|nearly full)/)
  }
  limit('unlimited:')
  child.say('200')
  t.match(await child.heard(), /^200 [0-9]+ fine$/)
})

t.test('records leave nothing behind in the memory of Node', async t => {
  const child = otherProcess(t, aFolder(t), `
    const fill = async upTo => {
      await Promise.all(Array.from({ length: 256 }, async () => { while (journal.flushed < upTo) await journal.append(anEvent(Buffer.alloc(100))) }))
      await new Promise(resolve => setImmediate(resolve))
      globalThis.gc()
      const { heapUsed, external } = process.memoryUsage()
      return heapUsed + external
    }
    await fill(20_000)
    const before = await fill(40_000)
    say(await fill(140_000) - before)`, {}, ['--expose-gc'])
  const grown = Number(await child.heard())
  t.ok(grown < 4e6, `${grown} bytes for 100,000 records`)
})

t.test('another process reads what is flushed while the owner appends and trims, byte for byte, and an owner may come while it reads', async t => {
  const folder = aFolder(t)
  const first = await aJournal(t, { folder, retention: -1 })
  await Promise.all(Array.from({ length: 3000 }, () => first.append(ofSize(700))))
  await first.close()
  const child = visitor(t, folder, `
    const visit = await visitJournal(folder)
    await visit.confirm()
    say('open at ' + visit.bounds().flushed)
    const hash = createHash('sha256')
    const last = 3000 + Number(await heard())
    let after = 3000, oldest = 0
    while (after < last) {
      for (const { seq, event } of visit.read(after, last, { count: 100, bytes: 1e6 })) {
        if (seq !== after + 1) throw new Error('a gap after ' + after)
        after = seq
        hash.update(event.body)
      }
      const [entry] = visit.read(0, Infinity, { count: 1, bytes: 1 }) // what is about to be removed
      if (entry !== undefined && !entry.event.body.every(byte => byte === 120)) throw new Error('the bytes of ' + entry.seq + ' were written over')
      oldest = entry?.seq ?? oldest
      await visit.confirm()
      await new Promise(resolve => setImmediate(resolve))
    }
    await visit.close()
    say(hash.digest('hex') + ' ' + (oldest > 1))`)
  t.equal(await child.heard(), 'open at 3000')
  const journal = await aJournal(t, { folder, retention: -1 })
  child.say('20000')
  const expected = createHash('sha256')
  const random = seeded(11)
  for (let round = 0; round < 200; round++) {
    const events = Array.from({ length: 100 }, () => ofSize(1 + Math.floor(random() * 3000)))
    await Promise.all(events.map(event => journal.append(event)))
    for (const { body } of events) expected.update(body)
    await journal.settle(Math.min(3000 + round * 10, journal.flushed))
    await journal.trim(journal.flushed)
  }
  t.equal(await child.heard(), `${expected.digest('hex')} true`)
})

t.test('a process that is killed in the middle of a read does not have the file grow for ever', async t => {
  const folder = aFolder(t)
  const journal = await aJournal(t, { folder, retention: -1 })
  const turn = async () => {
    await Promise.all(Array.from({ length: 100 }, () => journal.append(ofSize(2000))))
    await journal.settle(journal.flushed)
    await journal.trim(journal.flushed)
  }
  const size = () => statSync(join(folder, 'data.mdb')).size
  for (let round = 0; round < 100; round++) await turn()
  const before = size()
  // A visit lets go of its snapshot after each read; what dies in the midst of one has not.
  const child = speaking(t, `
    import { open } from ${JSON.stringify(import.meta.resolve('lmdb'))}
    const root = open({ path: ${JSON.stringify(folder)}, readOnly: true, encoding: 'binary', overlappingSync: false })
    root.openDB('meta', { encoding: 'binary' }).getBinary('marks')
    say('reading')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)`)
  t.equal(await child.heard(), 'reading')
  while (size() === before) await turn() // what it reads is kept for it
  await child.kill()
  for (const started = performance.now(); performance.now() - started < 1500;) await turn() // the owner looks once a second
  const after = size()
  for (let round = 0; round < 100; round++) await turn()
  t.equal(size(), after)
})

t.test('who cannot tell the owner that he reads, reads only while there is none', { skip: process.getuid?.() !== 0 && 'needs root, to be another user too' }, async t => {
  const nobody = { uid: 65534, gid: 65534 }
  const folder = aFolder(t)
  chmodSync(folder, 0o755)
  const journal = await aJournal(t, { folder })
  await journal.append(anEvent())
  const visits = `
    const visit = await visitJournal(folder).catch(error => say(error.code + ' ' + error.message))
    if (visit) {
      say('read ' + visit.read(0, 1, { count: 1, bytes: 1 }).length)
      await heard()
      say(await visit.confirm().then(() => 'fine', error => error.code))
      await visit.close()
    }`
  t.match(await visitor(t, folder, visits, nobody).heard(), /^JOURNAL_IN_USE .*Run this as the user that the ingress runs as/)
  await journal.close()
  const alone = visitor(t, folder, visits, nobody)
  t.equal(await alone.heard(), 'read 1')
  alone.say('go on')
  t.equal(await alone.heard(), 'fine')
  const surprised = visitor(t, folder, visits, nobody)
  t.equal(await surprised.heard(), 'read 1')
  await aJournal(t, { folder })
  surprised.say('go on')
  t.equal(await surprised.heard(), 'JOURNAL_IN_USE')
})

t.test('a lock file of another user than the journal is not made', { skip: process.getuid?.() !== 0 && 'needs root, to be another user too' }, async t => {
  const folder = aFolder(t)
  await (await aJournal(t, { folder })).close()
  rmSync(join(folder, 'lock.mdb'))
  chownSync(join(folder, 'data.mdb'), 65534, 65534)
  await t.rejects(visitJournal(folder), { code: 'JOURNAL_UNREADABLE', message: /no lock\.mdb/ })
  t.notOk(readdirSync(folder).includes('lock.mdb'))
  await t.rejects(visitJournal(join(folder, 'nowhere')), { code: 'JOURNAL_UNREADABLE', message: /There is no journal/ })
})
