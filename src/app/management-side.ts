// The management port: what the people of this participant, and the applications beside it, may do.

import type { Server } from 'node:http'
import { managementApp } from '../http/management-app.ts'
import { createPermit } from '../http/management/guard.ts'
import { httpServer } from '../http/servers.ts'
import { PULL, PUSH } from '../protocol/dsp/formats.ts'
import { createAct } from '../shell/act.ts'
import { createAdminister } from '../shell/administer.ts'
import { createAnswerOnce } from '../shell/answer-once.ts'
import { createConnect } from '../shell/connect.ts'
import { createExplainAccess } from '../shell/explain-access.ts'
import { createFetchData } from '../shell/fetch-data.ts'
import { createKeepRecord } from '../shell/keep-record.ts'
import { createManageTokens } from '../shell/manage-tokens.ts'
import type { RotateKey } from '../shell/rotate-key.ts'
import { EXPOSITION_TYPE } from '../telemetry/registry.ts'
import type { Base } from './base.ts'
import type { Data } from './data.ts'
import type { Measured } from './measured.ts'
import type { Partners } from './partners.ts'

const CONNECT_TIMEOUT_MS = 60_000
const EVENT_LISTENERS_MAX = 50
const EVENT_HEARTBEAT_MS = 15_000
/** Longer than `connect` may take, which answers only when all is done. */
const MANAGEMENT_IDLE_MS = 2 * CONNECT_TIMEOUT_MS
const MANAGEMENT_CONNECTIONS_MAX = 256
/** Answers kept for the repeated calls of one management token. */
const ANSWERS_MAX = 10_000

/** What of the other parts is reached from here. */
export interface ManagementPorts {
  readonly partners: Partners
  readonly data: Data
  readonly measured: Measured
  readonly rotateKey: RotateKey
  /** Aborted when the connector stops: ends what listens to events. */
  readonly stopping: AbortSignal
}

export function openManagementSide(base: Base, ports: ManagementPorts): Server {
  const { settings, runtime, self, store, reader, policies, newScene, defaults, seal, offers } = base
  const { partners, data, measured, rotateKey, stopping } = ports
  const { peers, identity, newMessageId, findPeer, requestCatalog, renewAddress } = partners
  const { inFlight, metrics, status, retain, report } = measured
  const { config } = settings
  const { limits } = config
  const { clock, randomBytes, log, version } = runtime
  const { transact } = store
  const { seal: sealSecret } = seal

  const act = createAct({ transact, newScene, defaults, newMessageId, sealSecret, offers })
  const app = managementApp({
    ...{ reader, store, act, findPeer, requestCatalog, rotateKey, policies, report, status, retain, version },
    permit: createPermit(reader),
    connect: createConnect({
      ...{ store, act, requestCatalog, timeoutMs: CONNECT_TIMEOUT_MS },
      isUsable: (transferPid) => renewAddress.isUsable(transferPid),
    }),
    sinksDir: data.sinksDir,
    fetchData: createFetchData({
      ...{ store, newScene, clock, renewAddress, stream: peers.stream },
      bytesMax: limits.downloadBytesMax,
      timeoutMs: limits.answerTimeoutMs,
    }),
    administer: createAdminister({ store, clock, self, sealSecret, datasetsMax: limits.datasetsMax }),
    tokens: createManageTokens({ store, clock, self, randomBytes }),
    explainAccess: createExplainAccess({ reader, offers, isAdmitted: identity.isAdmitted, clock }),
    keepRecord: createKeepRecord({ store, clock }),
    answerOnce: createAnswerOnce({ store, clock, log, answersMax: ANSWERS_MAX }),
    patienceMs: config.protocol.manualDeadlineS * 1000,
    names: config.management.names,
    definitions: policies.definitions,
    formats: [PULL, PUSH],
    listenersMax: EVENT_LISTENERS_MAX,
    heartbeatMs: EVENT_HEARTBEAT_MS,
    bodyBytesMax: limits.bodyBytesMax,
    track: inFlight.track,
    refuseLate: inFlight.refusing(),
    metrics: { mediaType: EXPOSITION_TYPE, expose: metrics.expose, access: config.management.metrics },
    stopping,
  })
  const bounds = { connectionsMax: MANAGEMENT_CONNECTIONS_MAX, idleTimeoutMs: MANAGEMENT_IDLE_MS }
  return httpServer(app, { ...limits, ...bounds })
}
