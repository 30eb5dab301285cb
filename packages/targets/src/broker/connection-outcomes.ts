import type { OutcomeRow } from '../outcome-table.ts'

/** What trouble.ts says of connections to any broker. `hosts`: where their names stand. */
export const brokerConnectionOutcomes = (hosts: string): readonly OutcomeRow[] => [
  { codes: ['tls_unfit'], means: 'wrong', when: 'a file of `tls` cannot be read, or what stands in it is not what it should be' },
  { codes: ['network_enotfound'], means: 'wrong', when: `no host of ${hosts} is known` },
  { codes: ['network_cert_*', 'network_self_signed_*', 'network_depth_zero_self_signed_cert', 'network_unable_to_verify_*', 'network_unable_to_get_issuer_cert*', 'network_err_tls_*', 'network_err_ssl_*', 'network_eproto'], means: 'wrong', when: 'TLS does not come about' },
  { codes: ['network_*'], means: 'retry', when: 'no server can be reached, or the connection broke: the code of Node\'s error, in lower case, or `network_broken`' }
]
