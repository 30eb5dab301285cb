import { reachableHost, type Settings } from '@baton/runtime'

/** Where the ingress with these settings is reached from this machine; its path may be a secret. */
export const ingressUrl = ({ HOST, PORT, INGRESS_PATH, TLS_CERT }: Settings): string =>
  `${TLS_CERT === undefined ? 'http' : 'https'}://${reachableHost(HOST)}:${PORT}${INGRESS_PATH}`
