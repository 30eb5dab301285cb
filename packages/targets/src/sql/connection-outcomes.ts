import type { OutcomeRow } from '../outcome-table.ts'

/** What trouble.ts says of connections to any database. */
export const connectionOutcomes: readonly OutcomeRow[] = [
  { codes: ['url_unreadable', 'tls_refused'], means: 'wrong', when: '`url` cannot be read, or wants TLS of a server that has none' },
  { codes: ['network_enotfound'], means: 'wrong', when: 'the host is not known' },
  { codes: ['network_cert_*', 'network_self_signed_*', 'network_depth_zero_self_signed_cert', 'network_unable_to_verify_*', 'network_unable_to_get_issuer_cert*', 'network_err_tls_*', 'network_err_ssl_*', 'network_eproto'], means: 'wrong', when: 'TLS does not come about' },
  { codes: ['network_*'], means: 'retry', when: 'the server cannot be reached, or the connection broke: the code of Node\'s error, in lower case' }
]
