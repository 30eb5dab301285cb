import { createServer, type ServerResponse } from 'node:http'
import { announce } from './announce.ts'
import type { Arrivals } from '../arrivals.ts'

// A receiver of webhooks that tells what it got: GET answers an `Arrivals` of what has come since the last GET. Argument: how it answers,
// ok, hang (never) or refuse (503).
const mode = process.argv[2] ?? 'ok'

let lags: number[] = []
let times: number[] = []

const answers: Record<string, (response: ServerResponse) => void> = {
  ok: response => { response.writeHead(200, { 'content-length': 0 }).end() },
  refuse: response => { response.writeHead(503, { 'content-length': 0 }).end() },
  hang: () => {}
}
const answer = answers[mode]
if (answer === undefined) throw new Error(`${mode} is no way to answer`)

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  if (request.method === 'GET') {
    const arrivals: Arrivals = { lags, times }
    lags = []
    times = []
    response.end(JSON.stringify(arrivals))
    return
  }
  const now = Date.now()
  times.push(now)
  lags.push(now - Date.parse(String(request.headers['baton-received-at'])))
  request.resume().on('end', () => { answer(response) })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  announce(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`)
})
