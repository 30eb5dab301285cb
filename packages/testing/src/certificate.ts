import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import { isIPv4 } from 'node:net'

export interface Issued {
  /** PEM, with those that issued it behind it. */
  cert: string
  /** PEM, PKCS #8. */
  key: string
  name: string
  privateKey: KeyObject
}

/** A certificate for hosts (names, IPv4 addresses); signed by itself, where nobody else issues it. Times in ms since 1970. */
export function certificate ({ name = 'baton test', hosts = ['127.0.0.1', 'localhost'], from = Date.now() - day, to = Date.now() + 365 * day, issuer }: { name?: string, hosts?: string[], from?: number, to?: number, issuer?: Issued } = {}): Issued {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const content = sequence(
    tagged(0xA0, integer(2)), // version 3
    integer(...randomBytes(8).map((byte, at) => at === 0 ? byte & 0x3F | 0x40 : byte)),
    ecdsaWithSha256,
    nameOf(issuer?.name ?? name),
    sequence(time(from), time(to)),
    nameOf(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xA3, sequence(
      sequence(basicConstraints, tagged(0x04, sequence(tagged(0x01, Buffer.from([0xFF]))))),
      sequence(subjectAltName, tagged(0x04, sequence(...hosts.map(host => isIPv4(host) ? tagged(0x87, Buffer.from(host.split('.').map(Number))) : tagged(0x82, Buffer.from(host))))))
    ))
  )
  const signature = sign('sha256', content, issuer?.privateKey ?? privateKey)
  const der = sequence(content, ecdsaWithSha256, tagged(0x03, Buffer.from([0]), signature))
  const pem = `-----BEGIN CERTIFICATE-----\n${der.toString('base64').match(/.{1,64}/g)?.join('\n')}\n-----END CERTIFICATE-----\n`
  return { cert: pem + (issuer?.cert ?? ''), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), name, privateKey }
}

const day = 86_400_000

/** DER: tag, length, content. */
function tagged (tag: number, ...content: Uint8Array[]): Buffer {
  const body = Buffer.concat(content)
  const { length } = body
  return Buffer.concat([Buffer.from([tag, ...length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xFF]]), body])
}

const sequence = (...content: Uint8Array[]) => tagged(0x30, ...content)
const integer = (...bytes: number[]) => tagged(0x02, Buffer.from(bytes))
const objectId = (...bytes: number[]) => tagged(0x06, Buffer.from(bytes))
const ecdsaWithSha256 = sequence(objectId(0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02))
const basicConstraints = objectId(0x55, 0x1D, 0x13)
const subjectAltName = objectId(0x55, 0x1D, 0x11)
const nameOf = (name: string) => sequence(tagged(0x31, sequence(objectId(0x55, 0x04, 0x03), tagged(0x0C, Buffer.from(name)))))
/** GeneralizedTime. */
const time = (at: number) => tagged(0x18, Buffer.from(new Date(at).toISOString().replace(/[-:T]|\.\d+/g, '')))
