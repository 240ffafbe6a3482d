// The composition root: opens, connects and mounts. The only file that knows everything.

import { existsSync, mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { join, resolve } from 'node:path'
import type { Request } from 'express'
import type { Config, Secrets } from './config/config.ts'
import type { Derived } from './config/derive.ts'
import { createFileDigests } from './dataplane/file-digests.ts'
import { openSource } from './dataplane/open-source.ts'
import type { DataSource } from './domain/delivery/source.ts'
import type { Defaults } from './shell/ports.ts'
import { createGuard, judgeUrl } from './domain/trust/address.ts'
import { managementApp } from './http/management-app.ts'
import { createPermit } from './http/management/guard.ts'
import { PULL } from './http/management/exchange.ts'
import { logProblem, toProblem } from './http/problems.ts'
import { publicApp } from './http/public-app.ts'
import { listening, serverFor } from './http/servers.ts'
import { digestOf } from './kernel/digest.ts'
import type { Log } from './kernel/log.ts'
import { orThrow, problem, ProblemError } from './kernel/problem.ts'
import type { Clock } from './kernel/time.ts'
import { DSP_PATH, VERSION_PATH } from './protocol/dsp/version.ts'
import type { MessageId, ParticipantId, Pid } from './protocol/ids.ts'
import { createAct } from './shell/act.ts'
import { createAdminister } from './shell/administer.ts'
import { createAnswerOnce } from './shell/answer-once.ts'
import { createConnect } from './shell/connect.ts'
import { createDispatcher } from './shell/dispatch-outbox.ts'
import { createExpirer } from './shell/expire-processes.ts'
import { createFetchData } from './shell/fetch-data.ts'
import { createFindPeer } from './shell/find-peer.ts'
import { createGuardReads } from './shell/guard-reads.ts'
import { openPolicies } from './shell/load-policies.ts'
import { createManageTokens } from './shell/manage-tokens.ts'
import { recordStart } from './shell/record-start.ts'
import { createNewScene } from './shell/new-scene.ts'
import { createReadProcess } from './shell/read-process.ts'
import { createReceiveNegotiation } from './shell/receive-negotiation.ts'
import { createReceiveTransfer } from './shell/receive-transfer.ts'
import { createRequestCatalog } from './shell/request-catalog.ts'
import { createServeCatalog } from './shell/serve-catalog.ts'
import { closeInterrupted, createServeData } from './shell/serve-data.ts'
import { setTimer } from './shell/timer.ts'
import { openStore } from './store/sqlite.ts'
import { createIdentity } from './trust/identity.ts'
import { openKeys } from './trust/keys.ts'
import { createDspClient } from './wire/dsp-client.ts'
import { openClients } from './wire/clients.ts'

/** Time and chance, read in `main` and nowhere else. */
export interface Runtime {
  readonly clock: Clock
  readonly newUuid: () => string
  readonly randomBytes: (bytes: number) => Uint8Array
  /** A number in [0, 1). */
  readonly random: () => number
  readonly log: Log
  readonly version: string
}

export interface Settings {
  readonly config: Config
  readonly derived: Derived
  readonly secrets: Secrets
}

export interface App {
  /** Opens both ports and begins to send. */
  listen(): Promise<void>
  /** Takes nothing new, finishes what is in flight, closes the database. May be called twice. */
  close(): Promise<void>
  readonly managementUrl: string
  /** The file with the administrator's token; its value is never shown. */
  readonly adminTokenFile: string
}

const DATABASE = 'connector.db'
const ADMIN_TOKEN = 'admin.token'
/** SQLite's pages of 4 KiB. */
const PAGES_PER_MIB = 256
const PAGE_SIZE = 50
const WARM_DATASETS_MAX = 1_000
const CONNECT_TIMEOUT_MS = 60_000
const EVENT_LISTENERS_MAX = 50
const EVENT_HEARTBEAT_MS = 15_000
/** Answers kept for the repeated calls of one management token. */
const ANSWERS_MAX = 10_000

/** Opens the connector: keys, database, policies. Nothing listens yet. Throws a ProblemError with what is wrong. */
export async function openApp({ config, derived, secrets }: Settings, runtime: Runtime): Promise<App> {
  const { clock, newUuid, randomBytes, random, log } = runtime
  const { limits, protocol } = config
  const self = derived.did as ParticipantId
  const startedAt = clock()

  const dataDir = resolve(config.dataDir)
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const keysAreNew = !existsSync(join(dataDir, 'keys'))
  const keys = await openKeys(join(dataDir, 'keys'), { algorithm: config.identity.algorithm, now: startedAt })
  const store = openStore({
    file: join(dataDir, DATABASE),
    now: startedAt,
    origin: self,
    nonce: () => Buffer.from(randomBytes(16)).toString('hex'),
    pagesMax: limits.databaseMibMax * PAGES_PER_MIB,
  })
  const { reader, transact } = store
  const adminTokenFile = join(dataDir, ADMIN_TOKEN)

  const policies = await openPolicies({ folder: resolve(config.policiesDir), store, clock, self })
  const { definitions } = policies

  const newUrn = (): string => `urn:uuid:${newUuid()}`
  const newScene = createNewScene({
    self,
    clock,
    newUrn,
    randomBytes,
    base: derived.dspBase,
    dataBase: derived.dataBase,
    accessTokenS: limits.dataTokenWithoutRenewalS,
    deliveryDeadlineS: protocol.deliveryDeadlineS,
    reactionDelayMs: protocol.reactionDelayMs,
  })
  const defaults: Defaults = {
    negotiation: { ...config.automation.provider, ...config.automation.consumer },
    transfer: config.automation.transfer,
  }

  const { allowHttpHosts, allowNetworks } = config.outbound
  const { peers, sources } = openClients({
    ...config.outbound,
    loopback: derived.loopback,
    connectTimeoutMs: limits.connectTimeoutMs,
  })
  const callbackGuard = orThrow(
    createGuard({ guard: 'peer', loopback: derived.loopback, allowHttpHosts, allowNetworks }),
  )

  const identity = createIdentity({
    did: self,
    keys,
    versionUrl: `${derived.publicUrl}${VERSION_PATH}`,
    trustList: config.identity.trustList,
    staticTokens: secrets.staticTokens,
    admitted: (participant) => config.identity.admit === 'any' || reader.get('peer', participant) !== null,
    call: peers.call,
    clock,
    newId: newUuid,
    loopback: derived.loopback,
    allowHttpHosts,
    didCacheEntriesMax: limits.didCacheEntriesMax,
  })
  const client = createDspClient({
    call: peers.call,
    issue: identity.issue,
    timeoutMs: limits.answerTimeoutMs,
    answerBytesMax: limits.answerBytesMax,
  })
  const dispatcher = createDispatcher({
    store,
    client,
    clock,
    newScene,
    random,
    log,
    setTimer,
    inFlightMax: limits.outboxInFlightMax,
    perPeerInFlightMax: limits.outboxPerPeerInFlightMax,
  })

  const patienceMs = protocol.manualDeadlineS * 1000
  const expirer = createExpirer({ store, clock, newScene, log, setTimer, patienceMs })

  const newMessageId = (): MessageId => newUrn() as MessageId
  const findPeer = createFindPeer({ reader, resolveDid: identity.resolveDid, client, clock })
  const requestCatalog = createRequestCatalog({ client, findPeer, newMessageId })
  const act = createAct({ transact, newScene, defaults, newMessageId })
  const fileDigests = createFileDigests({ entriesMax: 10_000, pendingMax: 1_000 })
  const sourcePorts = {
    fileDigests,
    call: sources.stream,
    timeoutMs: limits.answerTimeoutMs,
    bodyTimeoutMs: limits.answerTimeoutMs,
  }
  const serveData = createServeData({
    store,
    isAdmitted: identity.isAdmitted,
    openSource: (source, request) => openSource(source, request, sourcePorts),
    newScene,
    newDeliveryId: newUrn,
    clock,
    log,
    streamsMax: limits.dataStreamsMax,
  })
  const receiveOptions = { transact, newScene, definitions, defaults, processesPerPeerMax: limits.processesPerPeerMax }
  const report = (error: unknown, { method, path }: Request): void => {
    logProblem(log, error, toProblem(error), { method, path: path.slice(0, 200), id: newUuid() })
  }
  const permit = createPermit(reader)
  let isReady = false

  const publicServer = serverFor(
    publicApp({
      ...createGuardReads({
        authenticate: identity.authenticate,
        reader,
        clock,
        startedAt,
        entriesMax: limits.replayEntriesMax,
      }),
      receiveNegotiation: createReceiveNegotiation(receiveOptions),
      receiveTransfer: createReceiveTransfer(receiveOptions),
      readProcess: createReadProcess(reader),
      hold: dispatcher.hold,
      newPid: () => newUrn() as Pid,
      checkCallback: (address) => {
        const judged = judgeUrl(callbackGuard, address)
        const wrong =
          judged.ok && judged.value.search === '' && judged.value.hash === ''
            ? null
            : 'expected a base URL that this connector may call'
        if (wrong !== null) throw new ProblemError(problem('message.callback', wrong, 'callbackAddress'))
      },
      serveCatalog: createServeCatalog({
        reader,
        definitions,
        clock,
        self,
        base: derived.dspBase,
        pageSize: PAGE_SIZE,
      }),
      serveData,
      base: derived.dspBase,
      jsonDepthMax: limits.jsonDepthMax,
      bodyBytesMax: limits.bodyBytesMax,
      didDocument: identity.didDocument,
      serviceId: `${self}#dsp`,
      isReady: () => isReady,
      report,
    }),
    { tls: config.public.tls, headersTimeoutMs: limits.headersTimeoutMs, connectionsMax: limits.connectionsMax },
  )
  const managementServer = createServer(
    managementApp({
      permit,
      reader,
      store,
      act,
      connect: createConnect({ store, act, requestCatalog, timeoutMs: CONNECT_TIMEOUT_MS }),
      findPeer,
      requestCatalog,
      fetchData: createFetchData({
        store,
        newScene,
        stream: peers.stream,
        bytesMax: limits.downloadBytesMax,
        timeoutMs: limits.answerTimeoutMs,
      }),
      administer: createAdminister({ store, clock, self }),
      tokens: createManageTokens({ store, clock, self, randomBytes }),
      answerOnce: createAnswerOnce({ store, clock, log, answersMax: ANSWERS_MAX }),
      patienceMs,
      version: runtime.version,
      definitions,
      reloadPolicies: policies.reload,
      formats: [PULL],
      listenersMax: EVENT_LISTENERS_MAX,
      heartbeatMs: EVENT_HEARTBEAT_MS,
      bodyBytesMax: limits.bodyBytesMax,
      report,
    }),
  )

  /** The digest of a published file is computed beforehand, so that it can stand before the first byte. */
  const warm = (source: DataSource | null): void => {
    if (source?.type === 'file') void fileDigests.warm(source.path)
  }

  let closing: Promise<void> | null = null
  async function shut(): Promise<void> {
    isReady = false
    log.info('connector.stopping')
    publicServer.close()
    managementServer.close()
    await Promise.all([dispatcher.stop(), expirer.stop(), serveData.stop()])
    for (const server of [publicServer, managementServer]) server.closeAllConnections()
    await Promise.all([peers.close(), sources.close(), fileDigests.close()])
    store.close()
  }

  return {
    managementUrl: `http://${config.management.host}:${String(config.management.port)}`,
    adminTokenFile,
    listen: async () => {
      await recordStart({
        store,
        self,
        at: startedAt,
        adminTokenFile,
        randomBytes,
        newKeyId: keysAreNew ? keys.current.id : null,
        version: runtime.version,
        policyDigest: policies.digest(),
        settingsDigest: digestOf(JSON.stringify(config)),
      })
      await closeInterrupted(store, newScene)
      await Promise.all([
        listening(publicServer, config.public.host, config.public.port),
        listening(managementServer, config.management.host, config.management.port),
      ])
      for (const { source } of reader.list('dataset', { after: null, limit: WARM_DATASETS_MAX })) warm(source)
      store.onCommit((writes) => {
        for (const write of writes) if ('put' in write && write.put === 'dataset') warm(write.row.source)
      })
      dispatcher.start()
      expirer.start()
      isReady = true
      log.info('connector.started', { did: self, publicUrl: derived.publicUrl, dsp: DSP_PATH })
    },
    close: () => (closing ??= shut()),
  }
}
