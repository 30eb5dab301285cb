import { createServer } from 'node:http'
import { decidedMark } from '../decided-mark.ts'
import { announce } from './announce.ts'

// An endpoint that decides about before-callbacks: it allows each after so many ms, as one that asks a database or a model would.
const delay = Number(process.argv[2] ?? '50')
const answer = JSON.stringify({ ActionStatus: 'OK', ErrorInfo: decidedMark, ErrorCode: 0 })

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  request.resume().on('end', () => {
    setTimeout(() => { response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length }).end(answer) }, delay)
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  announce(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`)
})
