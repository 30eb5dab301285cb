/** How patient the ingress is with its clients. Tencent takes milliseconds for each callback. */
export const connectionLimits = {
  /** How many connections are held at once; each may hold one body in memory. */
  connections: 4_096,
  /** ms until the headers of a callback must be there. */
  headers: 5_000,
  /** ms until the callback must be there as a whole. */
  request: 10_000,
  /** ms for which a connection is kept between two callbacks: longer than load balancers keep theirs (60 s), so that it is they who part. */
  idle: 72_000,
  /** ms in which something must move: a client that does not fetch its answers is let go. */
  silence: 30_000,
  /** ms between two looks at who takes too long. */
  looks: 1_000,
  /** ms from its arrival after which a before-callback is answered, whatever becomes of its event: Tencent hangs up after 2 s, and goes ahead. */
  decision: 1_900
}

export type ConnectionLimits = typeof connectionLimits
