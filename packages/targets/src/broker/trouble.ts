import { misconfigured, type Trouble } from '../sql/trouble.ts'

/** Node's and OpenSSL's words for TLS that does not come about. */
const tls = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME|^ERR_SSL|^ERR_TLS|^EPROTO$/

/** How a product is spoken of. */
interface ConnectionWords {
  /** What is wrong, and what to mend, where no host has the name. */
  unknownHost: string
  /** What its servers are called. */
  servers: string
  /** What may not be what a server asks for, if it never could be reached. */
  listener: string
}

/** A connection that was not made or was lost, by Node's codes for what happened, the earliest first; without any it broke. */
export function troubleOfConnection (product: string, codes: readonly string[], { unknownHost, servers, listener }: ConnectionWords): Trouble {
  const name = codes.find(code => tls.test(code)) ?? codes.find(code => code !== 'ENOTFOUND') ?? codes.at(-1) ?? 'broken'
  const code = `network_${name.toLowerCase()}`
  if (name === 'ENOTFOUND') return misconfigured(code, unknownHost)
  if (tls.test(name)) return misconfigured(code, `TLS with the ${servers} does not come about (${name}); mend their certificates, or tls of the target`)
  return { with: 'target', outcome: { kind: 'retry', code, reason: `${product} cannot be reached (${name}); if it never could, look whether ${listener}` } }
}

/** An error, and all that it holds, the earliest first. */
export const errorsWithin = (error: unknown): Error[] => error instanceof Error
  ? [...error instanceof AggregateError ? error.errors.flatMap(errorsWithin) : [], ...errorsWithin(error.cause), error]
  : []
