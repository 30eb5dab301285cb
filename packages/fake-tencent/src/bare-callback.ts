import { randomUUID } from 'node:crypto'
import type { FakeCallback } from './fake-tencent.ts'

/** A callback of any command with this body, as Tencent sends it when the REST API has caused it. Its RequestID is a new one each time. */
export function bareCallback (command: string, appId: number, body: Buffer): FakeCallback {
  const parameters = { SdkAppid: String(appId), CallbackCommand: command, contenttype: 'json', ClientIP: '127.0.0.1', OptPlatform: 'RESTAPI', RequestID: randomUUID() }
  return { command, query: String(new URLSearchParams(parameters)), body, headers: {} }
}

/** The same callback, of another app. */
export function ofApp (callback: FakeCallback, appId: number): FakeCallback {
  const query = callback.query.split('&').map(pair => /^SdkApp[iI]d=/.test(pair) ? `SdkAppid=${appId}` : pair)
  return { ...callback, query: query.join('&') }
}
