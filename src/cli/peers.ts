// `lingqu peers …`: the register of peers, through the management API.

import { problem, ProblemError } from '../kernel/problem.ts'
import { columns } from './columns.ts'
import { openManagement, type Management } from './management.ts'
import { done, UsageError, type Command } from './outcome.ts'

export interface Peer {
  readonly did: string
  readonly name: string
  readonly claims: Readonly<Record<string, string>>
  readonly address: string | null
}

export const addPeer: Command = async ({ positionals: [name = '', did = ''], texts }, io) => {
  const claims = claimsIn(texts('claim'))
  const api = await openManagement(io)
  const peer = await api.post<Peer>('/peers', { did, name, claims })
  return done(peer, `admitted ${line(peer).join('  ')}`)
}

export const listPeers: Command = async (_invocation, io) => {
  const items = await (await openManagement(io)).all<Peer>('/peers')
  return done({ items }, columns(items.map(line), 'no peer yet: `lingqu peers add NAME DID`'))
}

export const removePeer: Command = async ({ positionals: [name = ''] }, io) => {
  const api = await openManagement(io)
  const removed = await didOf(name, api)
  await api.remove(`/peers/${encodeURIComponent(removed)}`)
  return done({ removed }, `struck off the register: ${removed}`)
}

/** A DID as it is; else the DID of the peer with this name. Throws `resource.unknown`, also where two have the name. */
export async function didOf(peer: string, api: Management): Promise<string> {
  if (peer.startsWith('did:')) return peer
  const peers = (await api.all<Peer>('/peers')).filter(({ name }) => name === peer)
  const [found, another] = peers
  if (found === undefined) throw unknown(`no peer is called ${JSON.stringify(peer)}; \`lingqu peers list\` shows all`)
  if (another !== undefined) throw unknown(`several peers are called ${JSON.stringify(peer)}: give the DID`)
  return found.did
}

function unknown(sentence: string): ProblemError {
  return new ProblemError(problem('resource.unknown', sentence))
}

function line({ did, name, claims }: Peer): readonly string[] {
  const facts = Object.entries(claims).map(([claim, value]) => `${claim}=${value}`)
  return [name, did, facts.join(' ')]
}

function claimsIn(texts: readonly string[]): Readonly<Record<string, string>> {
  const claims = new Map<string, string>()
  for (const text of texts) {
    const [, name = '', value = ''] = /^([^=]+)=(.+)$/s.exec(text) ?? []
    if (name === '') throw new UsageError(`--claim: expected NAME=VALUE, got ${JSON.stringify(text)}`, 'country=VN')
    if (claims.has(name)) throw new UsageError(`--claim: ${name} stands there twice`)
    claims.set(name, value)
  }
  return Object.fromEntries(claims)
}
