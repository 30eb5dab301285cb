import { Type, type Static } from '@sinclair/typebox'

/** At which addresses an HTTP receiver may be. */
export const NetworkSettings = Type.Object({
  network: Type.Union([Type.Literal('private'), Type.Literal('public'), Type.Literal('any')], {
    default: 'private',
    description: 'At which addresses the host of url may be, looked at with each connection. private: at public and private ones, and on this machine; link-local addresses and others where clouds hand out credentials are refused. public: at public ones alone. any: at whatever address.'
  })
})
export type Network = Static<typeof NetworkSettings>['network']
