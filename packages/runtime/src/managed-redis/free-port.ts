import { createServer } from 'node:net'

/** A port of 127.0.0.1 that is free at this moment: the wished one if it is, else any. */
export const freePort = async (wished?: number): Promise<number> =>
  (wished !== undefined && await portIsFree(wished)) ? wished : await tryPort(0)

export const portIsFree = (port: number): Promise<boolean> => tryPort(port).then(() => true, () => false)

async function tryPort (port: number): Promise<number> {
  const server = createServer().listen(port, '127.0.0.1')
  await new Promise<void>((resolve, reject) => server.once('listening', resolve).once('error', reject))
  const address = server.address()
  await new Promise<void>(resolve => { server.close(() => resolve()) })
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server without a port')
  return address.port
}
