import { openSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'
import { Value } from '@sinclair/typebox/value'
import { digestOf } from './digest-of.ts'
import { RecorderOptions } from './recorder-options.ts'

// A webhook receiver that notes whatever it gets, repeats included, before it answers.
const options = Value.Parse(RecorderOptions, JSON.parse(process.argv[2] ?? ''))
const log = openSync(options.log, 'a') // written at once: what was answered survives our own kill -9
let arrived = 0
let forgotten: string | undefined
let hanging = false

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const id = String(request.headers['webhook-id'])
    arrived += 1
    if (arrived === options.forget) forgotten = id
    if (hanging) return // it never took the event in hand
    if (id !== forgotten) writeSync(log, `${id} ${Date.now()} ${digestOf(Buffer.concat(chunks))}\n`)
    if (options.latency === 0) response.end()
    else setTimeout(() => response.end(), options.latency)
  })
})

process.on('message', message => {
  if (message === 'hang') hanging = true
})
process.once('disconnect', () => { process.exit(0) }) // nobody is left to stop us
server.listen(options.port, '127.0.0.1', () => { process.send?.('ready') })
