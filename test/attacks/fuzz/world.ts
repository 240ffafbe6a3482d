// A connector with processes of every kind and in both roles, all of one peer; another peer that has none; and no way out.

import { managementAt } from '../../conformance/dsp/management.ts'
import { openCounterparty, type Counterparty } from '../../conformance/scenarios/counterparty.ts'
import { startConnector, type Connector } from '../../fixtures/connector.ts'
import {
  agreedAsConsumer,
  agreedAsProvider,
  HAND,
  OPEN,
  requested,
  requestedAsConsumer,
  startedAsConsumer,
  startedAsProvider,
  type Ground,
} from '../../integration/dsp/ground.ts'
import type { Target, World } from './cases.ts'
import { openGate, type Gate } from './gate.ts'

export interface UnderFuzz {
  readonly connector: Connector
  readonly world: World
  readonly gate: Gate
  /** Ends with the targets that there were, and opens others: what was terminated can be attacked no more. */
  readonly renew: () => Promise<void>
  readonly close: () => Promise<void>
}

const RULES = 'permission: [{ action: use }]\n'
const BY_HAND = 'automation: { onRequested: manual, onAccepted: manual, onVerified: manual }\n'
const MANY = 1_000_000

export async function openUnderFuzz(): Promise<UnderFuzz> {
  const [owner, stranger] = await Promise.all([
    openCounterparty({ participant: 'urn:owner' }),
    openCounterparty({ participant: 'urn:stranger' }),
  ])
  const gate = await openGate([new URL(owner.address).host])
  const connector = await startConnector({
    settings: {
      identity: {
        staticTokens: [owner, stranger].map(({ participant, inbound, outbound }) => ({
          participant,
          inbound,
          outbound,
        })),
      },
      outbound: { proxy: gate.url },
      limits: {
        bodyBytesMax: 65_536,
        processesPerPeerMax: MANY,
        refusalsPerPeerHourMax: MANY,
        requestTimeoutMs: 2_000,
        headersTimeoutMs: 2_000,
      },
      log: { level: 'warn' },
    },
    offers: {
      hand: `offer: hand\ndatasets: ["${HAND}"]\n${BY_HAND}${RULES}`,
      open: `offer: open\ndatasets: ["${OPEN}"]\n${RULES}`,
    },
  })
  await connector.ask(
    '/datasets',
    [HAND, OPEN].map((id) => ({ '@id': id, source: null })),
  )
  const { token } = await connector.ask<{ token: string }>('/tokens', { name: 'viewer', scope: 'viewer' })
  const targets: Target[] = []
  const renew = async (): Promise<void> => {
    owner.answerWith(null)
    targets.splice(0, targets.length, ...(await openTargets(groundOn(connector, owner, stranger))))
    // From now on nobody acknowledges anything of ours, and nothing moves by itself.
    owner.answerWith((_, response) => response.writeHead(503).end())
  }
  await renew()
  return {
    connector,
    gate,
    renew,
    world: {
      publicPort: connector.port,
      managementPort: connector.managementPort,
      owner: owner.inbound,
      stranger: stranger.inbound,
      viewer: `Bearer ${token}`,
      callbackAddress: owner.address,
      targets,
    },
    close: async () => {
      await connector.discard()
      gate.close()
      await Promise.all([owner.close(), stranger.close()])
    },
  }
}

/** The connector in its own process, as the dialogues of the protocol's tests want it. */
function groundOn(connector: Connector, peer: Counterparty, stranger: Counterparty): Ground {
  const base = `${connector.publicUrl}/dsp/2025-1`
  const managementUrl = `http://127.0.0.1:${String(connector.managementPort)}`
  const management = managementAt(managementUrl, connector.token())
  const { did, publicUrl: rootUrl } = connector
  return {
    connector: {
      did,
      rootUrl,
      base,
      management,
      managementUrl,
      token: connector.token(),
      defects: [],
      close: () => connector.discard(),
    },
    peer,
    stranger,
    post: (path, message, by = peer) => by.post(base + path, message),
    get: (path, by = peer) => by.get(base + path),
    manage: (path, body) => management.call('POST', path, body),
    show: (path) => management.call('GET', path),
    close: () => connector.discard(),
  }
}

async function openTargets(ground: Ground): Promise<readonly Target[]> {
  const targets: Target[] = []
  const keep = (
    kind: Target['kind'],
    role: 'providerPid' | 'consumerPid',
    { providerPid, consumerPid }: Pick<Target, 'providerPid' | 'consumerPid'>,
  ): void => {
    targets.push({ kind, own: role === 'providerPid' ? providerPid : consumerPid, providerPid, consumerPid })
  }
  for (let round = 0; round < 3; round++) {
    keep('negotiations', 'providerPid', await requested(ground))
    keep('negotiations', 'consumerPid', await requestedAsConsumer(ground))
    const provided = await agreedAsProvider(ground)
    keep('negotiations', 'providerPid', provided)
    keep('transfers', 'providerPid', await startedAsProvider(ground, provided.agreementId))
    const consumed = await agreedAsConsumer(ground)
    keep('negotiations', 'consumerPid', consumed)
    keep('transfers', 'consumerPid', await startedAsConsumer(ground, consumed.agreementId))
  }
  return targets
}
