// Opens connections only to addresses that the guard allowed, and to exactly those: a second DNS answer is never asked for.

import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { LookupFunction } from 'node:net'
import { getCACertificates } from 'node:tls'
import { buildConnector } from 'undici'
import { orThrow } from '../kernel/problem.ts'
import { judgeAddresses, portOf } from '../domain/trust/address.ts'
import type { Guard } from '../domain/trust/address.ts'

/** All addresses of a name, in the order in which they should be tried. */
export type Resolve = (hostname: string) => Promise<readonly string[]>

/** Connects to one of these addresses; TLS is spoken with the host's name. */
export type Dial = (target: buildConnector.Options, addresses: readonly string[], done: buildConnector.Callback) => void

export const resolveByDns: Resolve = async (hostname) => {
  const answers = await lookup(hostname, { all: true, order: 'verbatim' })
  return answers.map(({ address }) => address)
}

/** The connector that an undici Agent uses for every new connection. */
export function guardedConnect(guard: Guard, resolve: Resolve, dial: Dial): buildConnector.connector {
  return (target, done) => {
    void allowedAddresses(guard, resolve, target).then(
      (addresses) => {
        dial(target, addresses, done)
      },
      (error: unknown) => {
        done(error instanceof Error ? error : new Error(String(error)), null)
      },
    )
  }
}

/** Connects for real, trying the addresses as Node does (RFC 8305); resolves nothing itself. */
export function createDial(options: { connectTimeoutMs: number; extraCa?: string | undefined }): Dial {
  const { connectTimeoutMs: timeout, extraCa } = options
  const ca = trustedCertificates(extraCa)
  return (target, addresses, done) => {
    buildConnector({ timeout, allowH2: false, lookup: pinned(addresses), ...ca })(target, done)
  }
}

/** The certificates that Node trusts, and those of the configuration beside them. */
export function trustedCertificates(extraCa: string | undefined): { ca?: string[] } {
  return extraCa === undefined ? {} : { ca: [...getCACertificates('default'), extraCa] }
}

async function allowedAddresses(
  guard: Guard,
  resolve: Resolve,
  target: buildConnector.Options,
): Promise<readonly string[]> {
  const { hostname } = target
  const addresses = isIP(hostname) === 0 ? await resolve(hostname) : [hostname]
  return orThrow(judgeAddresses(guard, hostname, portOf(target), addresses))
}

/** A lookup that knows one answer. */
function pinned(addresses: readonly string[]): LookupFunction {
  const answers = addresses.map((address) => ({ address, family: isIP(address) }))
  return (_hostname, { all, family }, callback) => {
    const fitting = answers.filter((answer) => !family || answer.family === family)
    const first = fitting[0]
    if (first === undefined) callback(new Error('no address of that family'), [])
    else if (all === true) callback(null, fitting)
    else callback(null, first.address, first.family)
  }
}
