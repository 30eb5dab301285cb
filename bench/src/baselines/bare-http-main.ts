import { createServer } from 'node:http'
import { acknowledgement } from '@baton/contracts'
import { announce } from './announce.ts'

// A: what Node itself can do: read the body, parse it, answer.
const answer = JSON.stringify(acknowledgement)
const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': answer.length }

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => { chunks.push(chunk) })
  request.on('end', () => {
    try {
      JSON.parse(Buffer.concat(chunks).toString('utf8'))
      response.writeHead(200, headers).end(answer)
    } catch {
      response.writeHead(400).end()
    }
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object' && address !== null) announce(`http://127.0.0.1:${address.port}`)
})
