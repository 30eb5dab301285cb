import { Type } from '@sinclair/typebox'

/** The URL of an HTTP proxy, in a settings file. It may hold credentials. */
export const ProxyUrl = (description: string) => Type.String({ pattern: '^http://[^\\s/?#]+/?$', secret: true, description })

/** What is wrong with it that its schema cannot tell; never its value. */
export function problemOfProxyUrl (proxy: string): string | undefined {
  if (!URL.canParse(proxy)) return 'is no URL; write http://host:port, or http://user:password@host:port, with what is special in them as %40'
  const { username, password } = new URL(proxy)
  try {
    decodeURIComponent(username + password)
    return undefined
  } catch {
    return 'has a % in its user or password that begins no character; write %25 for it'
  }
}
