import { Type } from '@sinclair/typebox'

/** The URL of an HTTP receiver, in a settings file. */
export const ReceiverUrl = (description: string) => Type.String({ pattern: '^https?://[^\\s/?#]+', description })

/** A URL without what may be a secret, for people: user, password, query and fragment. */
export function bareUrl (url: string): string {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}

/** What is wrong with it that its schema cannot tell; never its value. */
export function problemOfReceiverUrl (url: string): string | undefined {
  if (!URL.canParse(url)) return 'is no URL'
  const { username, password } = new URL(url)
  return username === '' && password === '' ? undefined : 'has a user or password, which would end up in logs; have requests signed instead'
}
