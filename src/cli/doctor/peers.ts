// Whether each peer of the register can be reached and speaks our protocol, as a negotiation would find out.

import { createGuard, mayUseHttp } from '../../domain/trust/address.ts'
import { readDidDocument, serviceEndpoint } from '../../domain/trust/did-document.ts'
import { didWebUrl } from '../../domain/trust/did-web.ts'
import { orThrow, problem, ProblemError } from '../../kernel/problem.ts'
import { dspBase, VERSION_PATH } from '../../protocol/dsp/version.ts'
import type { Inspection } from '../../store/inspect.ts'
import { ask, askJson } from './ask.ts'
import { allFine, fine, isProblem, orProblem, type Check, type Patient } from './check.ts'

type Peer = Inspection['peers'][number]

/** Peers that are asked, and how many at the same time. */
export const PEERS_MAX = 200
const AT_ONCE = 8

export async function checkPeers(patient: Patient, clock: () => number): Promise<Check> {
  const { database } = patient
  if (database === null || isProblem(database)) return fine('none asked: the register cannot be read')
  const { peers } = database
  if (peers.length === 0) return fine('no peer in the register')
  const found: (string | null)[] = []
  for (let at = 0; at < peers.length; at += AT_ONCE) {
    found.push(
      ...(await Promise.all(peers.slice(at, at + AT_ONCE).map((peer) => whatIsWrongWith(peer, patient, clock)))),
    )
  }
  const asked = peers.length < PEERS_MAX ? String(peers.length) : `the first ${String(PEERS_MAX)}`
  return allFine(
    found.filter((each) => each !== null),
    `reached, and speak DSP 2025-1: ${asked}`,
  )
}

async function whatIsWrongWith(peer: Peer, patient: Patient, clock: () => number): Promise<string | null> {
  const answer = await orProblem(async () => {
    await reach(peer, patient, clock)
    return { isReached: true }
  })
  if (!isProblem(answer)) return null
  return `${peer.name} (${peer.did}): ${answer.message}; ask its operator, or look at its address and at \`outbound\` in the settings`
}

async function reach({ did, address }: Peer, patient: Patient, clock: () => number): Promise<void> {
  const { settings, callPeer, skews } = patient
  const { config, derived, secrets } = settings
  const { allowHttpHosts, allowNetworks } = config.outbound
  if (address !== null) {
    // An address that was set by hand is called as it stands; whatever answers there is reached.
    await ask(callPeer, new URL(VERSION_PATH, address).href, config.limits.answerTimeoutMs, skews, clock)
  }
  const isKnownHere =
    config.identity.trustList.some((trusted) => trusted.did === did) ||
    secrets.staticTokens.some(({ participant }) => participant === did)
  if (isKnownHere) return

  const guard = orThrow(createGuard({ guard: 'peer', loopback: derived.loopback, allowHttpHosts, allowNetworks }))
  const url = orThrow(didWebUrl(did, (http) => mayUseHttp(guard, http)))
  const document = orThrow(readDidDocument(await askJson(callPeer, url, patient, clock), did))
  if (address !== null) return
  const endpoint = serviceEndpoint(document, 'DataService')
  if (endpoint?.endsWith(VERSION_PATH) !== true) {
    const sentence = `its DID document names no DataService that ends in ${VERSION_PATH}`
    throw new ProblemError(problem('peer.version', sentence))
  }
  const root = endpoint.slice(0, -VERSION_PATH.length)
  orThrow(dspBase(await askJson(callPeer, endpoint, patient, clock), root))
}
