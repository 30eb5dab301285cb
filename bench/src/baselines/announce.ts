/** Tells whoever started this process where it listens, as `baton ingress` does, and ends with it. */
export function announce (url: string): void {
  process.once('disconnect', () => { process.exit() })
  process.send?.({ type: 'ready', urls: { server: url } })
}
