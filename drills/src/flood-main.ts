import { connect } from 'node:net'
import { Value } from '@sinclair/typebox/value'
import { bodyOf, query } from './callback.ts'
import { FloodOptions, type FloodReport } from './flood-options.ts'

// Sends as fast as it is answered. No connection waits for one answer before it sends the next callback.
const { url, count, connections, pipelined } = Value.Parse(FloodOptions, JSON.parse(process.argv[2] ?? ''))
const { host, hostname, port } = new URL(url)
const acknowledgement = '{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}'
/** ms between two reports. */
const interval = 100

const counts = { sent: 0, acked: 0, refused: 0 }
const tell = (ended: boolean) => process.send?.({ acked: counts.acked, refused: counts.refused, ended } satisfies FloodReport)

function nextRequest (): string {
  const body = bodyOf('flood', counts.sent++, 0) // ASCII throughout: as many bytes as characters
  return `POST /?${query} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
}

for (let nth = 0; nth < connections; nth++) {
  const socket = connect(Number(port), hostname)
  const send = (most: number) => {
    let requests = ''
    for (let left = most; left > 0 && counts.sent < count; left--) requests += nextRequest()
    if (requests !== '') socket.write(requests, 'latin1')
  }
  let unread = ''
  socket.on('data', chunk => {
    unread += chunk.toString('latin1')
    let answered = 0
    for (;;) {
      const head = unread.indexOf('\r\n\r\n')
      const end = head + 4 + Number(/content-length: (\d+)/i.exec(unread.slice(0, Math.max(0, head)))?.[1])
      if (head === -1 || unread.length < end) break
      if (unread.slice(head + 4, end) === acknowledgement) counts.acked += 1
      else counts.refused += 1
      unread = unread.slice(end)
      answered += 1
    }
    send(answered)
  })
  socket.on('close', () => { process.exit(1) }) // nobody should hang up
  send(pipelined)
}

process.once('disconnect', () => { process.exit(1) }) // nobody is left to stop us
setInterval(() => {
  const ended = counts.acked + counts.refused === count
  tell(ended)
  if (ended) process.exit(0)
}, interval)
