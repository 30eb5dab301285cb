import type { Draft } from './draft.ts'
import { canary } from './odd-tokens.ts'

type Change = (draft: Draft) => void

const methods = ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'MKCOL', 'LOCK', 'M-SEARCH', 'SOURCE', 'UNSUBSCRIBE', 'LINK']
const paths = [
  '/x', '//', '/.', '/..', '/./', '/../', '/%2e', '/%2f', '/%2F', '/;', '/;a', '/callback', '/favicon.ico', '/livez', '/readyz', '/metrics', '/LIVEZ', '/metrics/', '/%', '/%zz', '/%C0%80', '/%ff', '/*', '/:id', '/__proto__', '/constructor',
  `/${canary}`, `/${'x'.repeat(2_000)}`, `/${'x/'.repeat(1_000)}`, '/index.php', '/.env', '/a%00b', '/%E4%BD%A0', '/a b'.replace(' ', '+')
]
const contentTypes = [
  '', 'application/json', 'application/json; charset=utf-8', 'application/json;charset=utf-16', 'text/plain', 'text/html', 'application/x-www-form-urlencoded', 'multipart/form-data', 'multipart/form-data; boundary=x', 'application/octet-stream', 'application/xml', '/', ';', ';;', 'a',
  'application/json, text/plain', 'application/json;charset="utf-8', '*/*', 'constructor', '__proto__', 'application/json; a=b; a=b', 'x'.repeat(3_000), '\xE9', '"', canary
]
const lines = [
  'Content-Encoding: gzip', 'Content-Encoding: identity', 'Accept: text/html', 'Accept-Encoding: br', 'Accept-Version: 2', 'X-HTTP-Method-Override: GET', 'X-Forwarded-For: 192.0.2.7', 'X-Forwarded-Host: example.com', 'Forwarded: for=192.0.2.7', 'X-Real-IP: ::1', `Cookie: a=${canary}`,
  `Authorization: Bearer ${canary}`, 'Origin: null', 'Range: bytes=0-1', 'If-None-Match: *', 'Connection: Upgrade\r\nUpgrade: websocket', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA', 'Expect: banana', 'Expect: 200-ok', 'TE: trailers', 'Trailer: Sign', 'Host: other', 'Host:', 'Via: 1.1 a',
  'Content-Length-X: 5', 'constructor: x', '__proto__: x', 'A:', 'A: \t ', `A: ${'x'.repeat(4_000)}`, 'Request-Id: 1\r\nRequest-Id: 2', 'Keep-Alive: timeout=0', 'Proxy-Connection: close', 'A: \xE9\xFF', 'Transfer-Encoding-X: chunked', 'X-Request-Id: \x80'
]

const changes: Record<string, readonly [weight: number, Change]> = {
  'another method': [5, draft => { draft.method = draft.random.pick(methods) }],
  'another path': [6, draft => { draft.path = draft.random.pick(paths) }],
  'another path and method': [1, draft => {
    draft.path = draft.random.pick(paths)
    draft.method = draft.random.pick(methods)
  }],
  'an absolute URL': [2, draft => {
    draft.origin = draft.random.pick(['http://ingress', 'https://ingress:443', 'http://127.0.0.1:1', 'http://[::1]', 'http://user@host', 'HTTP://INGRESS'])
    draft.dubious ||= draft.origin.includes('user') || draft.origin.startsWith('HTTP:') || draft.origin.includes('[')
  }],
  'a Content-Type': [6, draft => {
    draft.headers.push(`Content-Type: ${draft.random.pick(contentTypes)}`)
    if (draft.random.chance(0.1)) draft.headers.push(`Content-Type: ${draft.random.pick(contentTypes)}`)
  }],
  'another header': [8, draft => { for (let nth = draft.random.between(1, 3); nth > 0; nth--) draft.headers.push(draft.random.pick(lines)) }],
  'no Host': [1, draft => { draft.headers = draft.headers.filter(line => !line.startsWith('Host')) }],
  'many headers': [1, draft => { draft.headers.push(...Array.from({ length: draft.random.pick([100, 1_000, 1_999, 2_001, 3_000, 9_000]) }, () => 'a:')) }],
  'a long header': [1, draft => { draft.headers.push(`A: ${'x'.repeat(draft.random.between(5_000, 20_000))}`) }],
  'HTTP/1.0': [1.5, draft => { draft.version = 'HTTP/1.0' }],
  'Connection: close': [1, draft => { draft.headers.push('Connection: close') }]
}

const weights = Object.entries(changes).map(([name, [weight, change]]) => [weight, { name, change }] as const)

/** Changes method, path or headers. Answers what it did. */
export function changeHead (draft: Draft): string {
  const { name, change } = draft.random.weighted(weights)
  change(draft)
  return name
}
