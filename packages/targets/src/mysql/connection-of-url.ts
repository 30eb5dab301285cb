import type { PoolOptions } from 'mysql2/promise'

/** What `ssl-mode` in the url asks for, in the words of MySQL's own tools. */
const tlsModes: Record<string, PoolOptions['ssl']> = {
  DISABLED: undefined,
  REQUIRED: { rejectUnauthorized: false },
  VERIFY_IDENTITY: { rejectUnauthorized: true, verifyIdentity: true }
}

/** What is wrong with a url, as a sentence without its value. */
export function problemOfUrl (text: string): string | undefined {
  if (!URL.canParse(text)) return 'is no URL; encode special characters of user and password as in %40'
  const { hostname, pathname, searchParams } = new URL(text)
  if (hostname === '' || pathname.length < 2) return 'must name the host and the database, as in mysql://user:password@host:3306/chat'
  const unknown = [...searchParams.keys()].find(name => name !== 'ssl-mode')
  if (unknown !== undefined) return `has the parameter ${unknown}; there is only ssl-mode`
  const mode = searchParams.get('ssl-mode')
  if (mode !== null && !Object.hasOwn(tlsModes, mode)) return `has an unknown ssl-mode; there are ${Object.keys(tlsModes).join(', ')}`
  return undefined
}

/** Read here and not by mysql2, which would take any of its options from a url. */
export function connectionOfUrl (text: string): Pick<PoolOptions, 'host' | 'port' | 'user' | 'password' | 'database' | 'ssl'> {
  const { hostname, port, username, password, pathname, searchParams } = new URL(text)
  const ssl = tlsModes[searchParams.get('ssl-mode') ?? 'DISABLED']
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port) || 3306,
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
    ...ssl !== undefined && { ssl }
  }
}
