import { networkFamily, type OutcomeTable } from '../outcome-table.ts'

/** What outcome-of-status.ts, outcome-of-envelope.ts and outcome-of-error.ts say; a test compares them. */
export const webhookOutcomes: OutcomeTable = {
  rows: [
    { codes: ['http_408', 'http_425', 'http_429'], means: 'retry', when: 'the receiver wants the event later' },
    { codes: ['http_401', 'http_403', 'http_404', 'http_405', 'http_410'], means: 'wrong', when: 'the door is wrong or locked, whatever the event: check `url`, and what the receiver expects' },
    { codes: ['http_2*'], means: 'retry', when: 'of style tencent: another 2xx than 200 with an envelope' },
    { codes: ['http_3*'], means: 'wrong', when: 'a redirect, which is not followed' },
    { codes: ['http_4*'], means: 'reject', when: 'the receiver will not take this event' },
    { codes: ['http_5*'], means: 'retry', when: 'the receiver is in trouble' },
    { codes: ['no_envelope'], means: 'retry', when: 'of style tencent: 200, but no envelope' },
    { codes: ['envelope_*'], means: 'retry', when: 'of style tencent: 200, and an envelope with this `ErrorCode`, which is not 0' },
    { codes: ['address_refused'], means: 'wrong', when: 'the host is at no address that `network` allows; nothing was sent' },
    { codes: ['proxy_401', 'proxy_403', 'proxy_405', 'proxy_407'], means: 'wrong', when: 'the proxy asks for other credentials, or does not let the receiver through' },
    { codes: ['proxy_unreachable', 'proxy_*'], means: 'retry', when: 'the proxy is away or in trouble, or cannot reach the receiver: the status that it answered' },
    { codes: ['network_enotfound'], means: 'wrong', when: 'the host is not known' },
    { codes: ['network_cert_*', 'network_self_signed_*', 'network_depth_zero_self_signed_cert', 'network_unable_to_verify_*', 'network_unable_to_get_issuer_cert*', 'network_err_tls_cert_altname_invalid'], means: 'wrong', when: 'the certificate is not trusted' },
    { codes: ['network_*'], means: 'retry', when: 'the receiver cannot be reached, or the connection broke: the code of Node\'s error, in lower case' }
  ],
  families: [
    { stem: 'http_', characters: '0-9', least: 3, most: 3 },
    { stem: 'envelope_', characters: '0-9', least: 1, most: 16 },
    { stem: 'proxy_', characters: '0-9', least: 3, most: 3 },
    networkFamily
  ]
}
