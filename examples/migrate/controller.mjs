// A controller as teams have it behind their callback URL today: it reads query and body, checks Sign within 60 s, and answers the envelope.
// It knows nothing of Baton. PORT and TOKEN come from the environment.
import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'

const { PORT = '3000', TOKEN = '' } = process.env
/** Words that may not be sent. */
const forbidden = ['casino']

const isSigned = query => {
  const requestTime = query.get('RequestTime') ?? ''
  const expected = createHash('sha256').update(TOKEN + requestTime).digest()
  const given = Buffer.from(query.get('Sign') ?? '', 'hex')
  return given.length === expected.length && timingSafeEqual(given, expected) && Math.abs(Date.now() / 1000 - Number(requestTime)) <= 60
}

const ok = { ActionStatus: 'OK', ErrorInfo: '', ErrorCode: 0 }

/** What each command is answered; the others are acknowledged. */
const controllers = {
  'Group.CallbackBeforeSendMsg': ({ MsgBody }) => {
    const text = MsgBody.map(({ MsgContent }) => MsgContent.Text ?? '').join(' ')
    return forbidden.some(word => text.includes(word)) ? { ...ok, ErrorCode: 10101, ErrorInfo: 'not in this group' } : ok
  },
  'Group.CallbackAfterCreateGroup': ({ GroupId, Name }) => {
    console.log(`group ${GroupId} is called ${JSON.stringify(Name)}`)
    return ok
  }
}

const server = createServer(async (request, response) => {
  const query = new URL(request.url, 'http://localhost').searchParams
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const answer = answerTo(query, Buffer.concat(chunks).toString('utf8'))
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
})

function answerTo (query, body) {
  if (!isSigned(query)) return { ActionStatus: 'FAIL', ErrorInfo: 'wrong signature', ErrorCode: 1 }
  try {
    return controllers[query.get('CallbackCommand')]?.(JSON.parse(body)) ?? ok
  } catch {
    return { ActionStatus: 'FAIL', ErrorInfo: 'unexpected body', ErrorCode: 1 }
  }
}

server.listen(Number(PORT), '127.0.0.1', () => { console.log(`the controller listens on http://127.0.0.1:${server.address().port}/`) })
