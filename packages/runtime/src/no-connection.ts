/** Why no connection to a receiver comes about, where it is not the network that says so. */
export class NoConnection extends Error {
  override readonly name = 'NoConnection'
  /** Short and stable, as the codes of outcomes are; the number is the status of a proxy. */
  readonly code: string
  /** Until somebody mends something it will not come about. */
  readonly lasting: boolean

  /** @param message says what to mend, and names no secret */
  constructor (code: 'address_refused' | 'proxy_unreachable' | `proxy_${number}`, message: string, { lasting, ...options }: { lasting: boolean, cause?: unknown }) {
    super(message, options)
    this.code = code
    this.lasting = lasting
  }
}
