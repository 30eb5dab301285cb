import { Type } from '@sinclair/typebox'

/** What requests are signed with, in the relay file. */
export const Token = (description?: string) => SecretText({ minLength: 1, maxLength: 128, ...description === undefined ? {} : { description } })

/** A secret of any form. What a file with CRLF, or copying from a page, leaves at its ends makes every signature or hash differ, and nobody sees it. */
export const SecretText = (options: { minLength: number, maxLength?: number, description?: string }) => Type.String({
  ...options,
  pattern: '^[^\\s\\u0000-\\u001f\\u007f]([^\\u0000-\\u001f\\u007f]*[^\\s\\u0000-\\u001f\\u007f])?$',
  secret: true
})

/** What nobody sees in a secret, and how to get rid of it; undefined where there is nothing of the kind. */
export function unseenIn (secret: string): string | undefined {
  if (/[\r\n]$/.test(secret)) return 'ends with a line break; an environment file with CRLF leaves one: save that with LF'
  if (secret !== secret.trim()) return 'begins or ends with blanks: take them out'
  return /\p{Cc}/u.test(secret) ? 'has a control character in it: copy it again' : undefined
}
