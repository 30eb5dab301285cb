import { checkBody } from '@baton/contracts'
import type { FastifyRequest } from 'fastify'
import { sdkAppId } from '../callback-bodies.ts'

/** The check that the ingress makes too: app, command, and the body against the command's schema. */
export function isCallback ({ query, body }: FastifyRequest): boolean {
  if (typeof query !== 'object' || query === null || typeof body !== 'object' || body === null) return false
  if (!('SdkAppid' in query) || query.SdkAppid !== sdkAppId) return false
  if (!('CallbackCommand' in query) || typeof query.CallbackCommand !== 'string') return false
  if ('CallbackCommand' in body && body.CallbackCommand !== query.CallbackCommand) return false
  return checkBody(query.CallbackCommand, body).kind === 'fit'
}
