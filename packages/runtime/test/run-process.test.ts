import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t, { type Test } from 'tap'

/** A process with a life of its own; `leave`, `close` and `reload` are code, and what happens is told over IPC and on standard error. */
async function living (t: Test, { leave, close = '', reload }: { leave?: string, close?: string, reload?: string } = {}) {
  const folder = t.testdir({
    'main.mjs': `
      import { runProcess } from '@baton/runtime'
      const tell = what => process.stderr.write(what + '\\n')
      await runProcess('test', async () => ({
        urls: {},
        ${leave === undefined ? '' : `leave: async () => { tell('leaving'); ${leave} },`}
        ${reload === undefined ? '' : `reload: async () => { tell('reloading'); ${reload} },`}
        close: async () => { tell('closing'); ${close} }
      }))
      setInterval(() => {}, 1_000)`
  })
  const child = spawn(process.execPath, ['main.mjs'], { cwd: folder, env: { PATH: process.env['PATH'], LOG_LEVEL: 'silent' }, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  t.teardown(() => child.kill('SIGKILL'))
  let told = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    told += String(chunk)
    child.emit('told')
  })
  // Not the 'close' of the process: it does not come where we ourselves disconnect.
  const ended = Promise.all([once(child, 'exit'), child.stderr && once(child.stderr, 'close')]).then(([[code, signal]]) => ({ how: signal ?? code, told: told.trimEnd().split('\n') }))
  t.match((await once(child, 'message'))[0], { type: 'ready', urls: {} })
  return {
    ended,
    signal: (name: NodeJS.Signals) => child.kill(name),
    disconnect: () => { child.disconnect() },
    until: async (text: string) => { while (!told.includes(text)) await once(child, 'told') }
  }
}

t.test('asked to stop, a process leaves, then closes, and ends with code 0', async t => {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    const { ended, signal: send } = await living(t, { leave: "await new Promise(resolve => setTimeout(resolve, 20)); tell('left')", close: "await null; tell('closed')" })
    send(signal)
    t.same(await ended, { how: 0, told: ['leaving', 'left', 'closing', 'closed'] })
  }
  const plain = await living(t)
  plain.signal('SIGTERM')
  t.same(await plain.ended, { how: 0, told: ['closing'] })
})

t.test('SIGHUP is no wish to stop where something is to be read anew', async t => {
  const { ended, signal, until } = await living(t, { reload: "await null; tell('reloaded')" })
  signal('SIGHUP')
  await until('reloaded')
  signal('SIGTERM')
  t.same(await ended, { how: 0, told: ['reloading', 'reloaded', 'closing'] })
})

t.test('the end does not wait where a parent has died, or where an error goes uncaught, even while it leaves', async t => {
  const orphan = await living(t, { leave: 'await new Promise(() => {})' })
  orphan.disconnect()
  t.same(await orphan.ended, { how: 0, told: ['closing'] })

  const broken = await living(t, { leave: "setTimeout(() => { throw new Error('unexpected') }, 20); await new Promise(() => {})" })
  broken.signal('SIGTERM')
  t.same(await broken.ended, { how: 1, told: ['leaving', 'closing'] })
})

t.test('what fails while it leaves does not keep it from closing', async t => {
  const { ended, signal } = await living(t, { leave: "throw new Error('no way')" })
  signal('SIGTERM')
  t.match(await ended, { told: ['leaving', 'closing'] })
})

t.test('signals within a second are one wish; a later one ends it at once, leaving or closing', async t => {
  for (const [phase, code] of [['leaving', { leave: 'await new Promise(() => {})' }], ['closing', { close: 'await new Promise(() => {})' }]] as const) {
    const { ended, signal, until } = await living(t, code)
    signal('SIGINT')
    await until(phase)
    const began = performance.now()
    const again = setInterval(() => { signal('SIGTERM') }, 100)
    t.teardown(() => { clearInterval(again) })
    t.same(await ended, { how: 1, told: [phase] })
    t.ok(performance.now() - began > 800)
  }
})
