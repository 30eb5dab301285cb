// A webhook receiver to play with: prints what arrives and answers 200.
//   node examples/receiver.mjs            then, in baton.yaml:
//   targets: { hook: { type: webhook, url: "http://127.0.0.1:7090" } }
import { createServer } from 'node:http'

const port = Number(process.env.RECEIVER_PORT ?? 7090)

createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8').on('data', chunk => { body += chunk }).on('end', () => {
    console.log(request.url, request.headers['webhook-id'], `attempt ${request.headers['baton-attempt']}`, body)
    response.end()
  })
}).listen(port, '127.0.0.1', () => { console.log(`waiting for events at http://127.0.0.1:${port}`) })
