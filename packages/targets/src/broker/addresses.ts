import { Type } from '@sinclair/typebox'

/** Servers, each as host:port. */
export const Addresses = (description: string, example: readonly string[]) => Type.Array(Type.String({ pattern: '^[A-Za-z0-9._-]+:[0-9]{1,5}$', description: 'host:port' }), {
  minItems: 1,
  maxItems: 100,
  uniqueItems: true,
  description,
  examples: [example]
})

/** What the schema cannot tell. */
export const problemOfAddresses = (addresses: readonly string[]): string | undefined =>
  addresses.map(portOf).some(port => port < 1 || port > 65_535) ? 'has a port that there is not; ports go from 1 to 65535' : undefined

export const portOf = (address: string): number => Number(address.slice(address.lastIndexOf(':') + 1))
export const hostOf = (address: string): string => address.slice(0, address.lastIndexOf(':'))
