// What follows from the configuration without being written in it. Pure.

import type { Config } from './config.ts'

export interface Derived {
  /** The node is for this machine only: it binds 127.0.0.1, and http and loopback peers are allowed. */
  readonly loopback: boolean
  /** The DID of the participant: as configured, else the did:web of `public.url`. */
  readonly did: string
  /** `public.url` without a slash at the end. */
  readonly publicUrl: string
  /** The address that the version document gives to peers. */
  readonly dspBase: string
  /** Where data is fetched from: `<dataBase>/<transferId>/…`. */
  readonly dataBase: string
}

/** @param config as `toConfig` gives it: `public.url` is an origin, and in loopback mode the host fits */
export function derive(config: Pick<Config, 'participant' | 'public'>): Derived {
  const url = new URL(config.public.url)
  const publicUrl = url.origin
  return {
    // Exactly then: never from NODE_ENV, and not for 127.0.0.1, which a test may use as if it were a public address.
    loopback: isLoopback(url),
    did: config.participant.did ?? didWebOf(url),
    publicUrl,
    dspBase: `${publicUrl}/dsp/2025-1`,
    dataBase: `${publicUrl}/data`,
  }
}

export function isLoopback(url: URL): boolean {
  return url.hostname === 'localhost'
}

/** did:web of an origin: the port's colon is percent-encoded (did:web method, "Method-specific identifier"). */
function didWebOf(url: URL): string {
  return `did:web:${url.host.replace(':', '%3A')}`
}
