export interface TunnelCommand {
  by: string
  command: string
  note: string
}

/** How a laptop's ingress gets an address that Tencent reaches. Each prints a host, and the callback URL is that host with the path of the ingress. */
export function tunnelCommands (local: URL): TunnelCommand[] {
  const port = local.port || (local.protocol === 'https:' ? '443' : '80')
  const origin = `${local.protocol}//${local.hostname}:${port}`
  const isHttps = local.protocol === 'https:'
  return [
    { by: 'Cloudflare', command: `cloudflared tunnel --url ${origin}${isHttps ? ' --no-tls-verify' : ''}`, note: 'no account needed; the host is another one after each start' },
    { by: 'ngrok', command: `ngrok http ${isHttps ? origin : port}`, note: 'needs a free account' },
    { by: 'ssh', command: `ssh -N -R 127.0.0.1:8080:${local.hostname}:${port} you@your-server`, note: `to a server of yours, whose proxy has TLS and forwards to its own ${isHttps ? 'https' : 'http'}://127.0.0.1:8080, query included` }
  ]
}
