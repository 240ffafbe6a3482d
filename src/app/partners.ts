// Everything that speaks to other participants: who they are, what is called, and the messages that wait to be sent.

import { createGuard, judgeUrl } from '../domain/trust/address.ts'
import { orThrow, type Problem } from '../kernel/problem.ts'
import { VERSION_PATH } from '../protocol/dsp/version.ts'
import type { MessageId } from '../protocol/ids.ts'
import { createDispatcher } from '../shell/dispatch-outbox.ts'
import { createFindPeer } from '../shell/find-peer.ts'
import { createRenewAddress } from '../shell/renew-address.ts'
import { createRequestCatalog } from '../shell/request-catalog.ts'
import { setTimer } from '../shell/timer.ts'
import { createIdentity } from '../trust/identity.ts'
import { openClients } from '../wire/clients.ts'
import { createDspClient } from '../wire/dsp-client.ts'
import type { Base } from './base.ts'

export type Partners = ReturnType<typeof openPartners>

export function openPartners({ settings, runtime, self, keys, store, reader, newUrn, newScene }: Base) {
  const { config, derived, secrets } = settings
  const { clock, newUuid, random, log } = runtime
  const { limits, outbound } = config
  const { loopback } = derived
  const { allowHttpHosts, allowNetworks } = outbound

  const { peers, sources } = openClients({ ...outbound, loopback, connectTimeoutMs: limits.connectTimeoutMs })
  if (outbound.proxy !== undefined) {
    const what = 'names are checked, and addresses are not pinned, because the proxy resolves them'
    log.info('outbound.proxied', { proxy: outbound.proxy, what })
  }
  const guard = orThrow(createGuard({ guard: 'peer', loopback, allowHttpHosts, allowNetworks }))

  const identity = createIdentity({
    did: self,
    keys: () => keys.at(clock()),
    versionUrl: `${derived.publicUrl}${VERSION_PATH}`,
    trustList: config.identity.trustList,
    staticTokens: secrets.staticTokens,
    admitted: (participant) => config.identity.admit === 'any' || reader.get('peer', participant) !== null,
    call: peers.call,
    clock,
    newId: newUuid,
    loopback,
    allowHttpHosts,
    didCacheEntriesMax: limits.didCacheEntriesMax,
  })
  const { answerTimeoutMs: timeoutMs, answerBytesMax } = limits
  const client = createDspClient({ call: peers.call, issue: identity.issue, timeoutMs, answerBytesMax })
  const dispatcher = createDispatcher({
    ...{ store, client, clock, newScene, random, log, setTimer },
    inFlightMax: limits.outboxInFlightMax,
    perPeerInFlightMax: limits.outboxPerPeerInFlightMax,
  })
  const newMessageId = (): MessageId => newUrn() as MessageId
  const findPeer = createFindPeer({ reader, resolveDid: identity.resolveDid, client, clock })
  const renewAddress = createRenewAddress({
    ...{ store, newScene, clock, setTimer, log, timeoutMs, answerBytesMax },
    call: peers.call,
    issueForToken: identity.issueForToken,
  })

  return {
    ...{ peers, sources, identity, dispatcher, newMessageId, findPeer, renewAddress },
    requestCatalog: createRequestCatalog({ client, findPeer, newMessageId }),
    /** Whether a URL that a peer gives may be called: null, or why not. */
    whyForbidden: (url: string): Problem | null => {
      const judged = judgeUrl(guard, url)
      return judged.ok ? null : judged.problem
    },
    /** Whether it can be the base of a peer's own paths. */
    isBase: (url: string): boolean => {
      const judged = judgeUrl(guard, url)
      return judged.ok && judged.value.search === '' && judged.value.hash === ''
    },
  }
}
