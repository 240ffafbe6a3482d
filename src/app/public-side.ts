// The public port: what other participants may ask for, with our own certificate where there is one.

import { publicApp } from '../http/public-app.ts'
import { serverWith } from '../http/servers.ts'
import { problem, ProblemError } from '../kernel/problem.ts'
import type { Pid } from '../protocol/ids.ts'
import { boundRefusals } from '../shell/bound-refusals.ts'
import { createGuardReads } from '../shell/guard-reads.ts'
import { timeDelivery } from '../shell/measure.ts'
import { createReadProcess } from '../shell/read-process.ts'
import { createReceiveNegotiation } from '../shell/receive-negotiation.ts'
import { createReceiveTransfer } from '../shell/receive-transfer.ts'
import { createRememberViews } from '../shell/remember-views.ts'
import { createRenewToken } from '../shell/renew-token.ts'
import { CATALOG_BOUNDS, createServeCatalog } from '../shell/serve-catalog.ts'
import type { Base } from './base.ts'
import type { Data } from './data.ts'
import type { Measured } from './measured.ts'
import type { Partners } from './partners.ts'

/** A peer that stops reading, or sends nothing, keeps its connection this long. */
const PUBLIC_IDLE_MS = 60_000
/** How often the files of our certificate are looked at. */
const TLS_LOOK_MS = 5_000

export function openPublicSide(base: Base, partners: Partners, data: Data, measured: Measured) {
  const { settings, runtime, self, startedAt, store, reader, readiness, pause, catalog } = base
  const { newUrn, newScene, spellings, defaults, offers } = base
  const { identity, dispatcher, whyForbidden, isBase } = partners
  const { serveData, receiveData, standing, refusals } = data
  const { inFlight, metrics, seconds, report } = measured
  const { config, derived } = settings
  const { limits } = config
  const { clock, log } = runtime

  const bounded = boundRefusals(refusals)
  const guarded = createGuardReads({
    ...{ authenticate: identity.authenticate, reader, clock, startedAt },
    entriesMax: limits.replayEntriesMax,
  })
  const { authenticate } = guarded
  const { transact } = store
  const receiving = { transact, newScene, offers, defaults, processesPerPeerMax: limits.processesPerPeerMax }
  const seenBy = createRememberViews({ reader, current: catalog.current, clock, pause })
  const handler = publicApp({
    ...guarded,
    renewToken: createRenewToken({ store, authenticate, standing, newScene, refusals }),
    receiveNegotiation: bounded(createReceiveNegotiation(receiving)),
    receiveTransfer: bounded(createReceiveTransfer({ ...receiving, whyForbidden })),
    readProcess: createReadProcess(reader),
    hold: dispatcher.hold,
    newPid: () => newUrn() as Pid,
    checkCallback: (address) => {
      const sentence = 'expected a base URL that this connector may call'
      if (!isBase(address)) throw new ProblemError(problem('message.callback', sentence, 'callbackAddress'))
    },
    serveCatalog: createServeCatalog({
      ...{ reader, seenBy, pause, self, spellings },
      base: derived.dspBase,
      bounds: CATALOG_BOUNDS,
    }),
    ...{ serveData, receiveData },
    base: derived.dspBase,
    jsonDepthMax: limits.jsonDepthMax,
    bodyBytesMax: limits.bodyBytesMax,
    didDocument: identity.didDocument,
    serviceId: `${self}#dsp`,
    isReady: () => readiness.why() === null,
    track: inFlight.track,
    refuseLate: inFlight.refusing(limits.connectionsMax),
    measureData: () => timeDelivery(metrics, seconds),
    report,
  })
  const { tls = null } = config.public
  return serverWith(tls, handler, { ...limits, idleTimeoutMs: PUBLIC_IDLE_MS }, { log, everyMs: TLS_LOOK_MS })
}
