// The composition root: opens, connects and mounts. The only file that knows everything.

import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Request } from 'express'
import type { Config, Secrets } from './config/config.ts'
import { dataPaths, type DataPaths } from './config/data-dir.ts'
import type { Derived } from './config/derive.ts'
import { createFileDigests } from './dataplane/file-digests.ts'
import { fileOf } from './dataplane/file-source.ts'
import { createFillSink } from './dataplane/fill-sink.ts'
import { openSource } from './dataplane/open-source.ts'
import type { SealedSource } from './domain/delivery/sealed-source.ts'
import type { Defaults } from './shell/ports.ts'
import { createGuard, judgeUrl } from './domain/trust/address.ts'
import { managementApp } from './http/management-app.ts'
import { createPermit } from './http/management/guard.ts'
import { logProblem, toProblem } from './http/problems.ts'
import { publicApp } from './http/public-app.ts'
import { createInFlight } from './http/in-flight.ts'
import { httpServer, listening, serverWith } from './http/servers.ts'
import { surfaceOf, isTimed } from './http/surface.ts'
import { digestOf } from './kernel/digest.ts'
import type { Log } from './kernel/log.ts'
import { orThrow, problem, ProblemError } from './kernel/problem.ts'
import { instant, type Clock } from './kernel/time.ts'
import { PULL, PUSH } from './protocol/dsp/formats.ts'
import { DSP_PATH, VERSION_PATH } from './protocol/dsp/version.ts'
import type { MessageId, ParticipantId, Pid } from './protocol/ids.ts'
import { createAct } from './shell/act.ts'
import { createAdminister } from './shell/administer.ts'
import { createAnswerOnce } from './shell/answer-once.ts'
import { createAttemptPush } from './shell/attempt-push.ts'
import { boundRefusals, createRefusalBound } from './shell/bound-refusals.ts'
import { createConnect } from './shell/connect.ts'
import { createDispatcher } from './shell/dispatch-outbox.ts'
import { createKeepRecord } from './shell/keep-record.ts'
import { createWatchObligations } from './shell/watch-obligations.ts'
import { createExpirer } from './shell/expire-processes.ts'
import { createExplainAccess } from './shell/explain-access.ts'
import { createFetchData } from './shell/fetch-data.ts'
import { createFindPeer } from './shell/find-peer.ts'
import { createGuardReads } from './shell/guard-reads.ts'
import { openPolicies } from './shell/load-policies.ts'
import { createKeepCatalog, SHELVED_MAX } from './shell/keep-catalog.ts'
import { createManageTokens } from './shell/manage-tokens.ts'
import { createMeasure, timeDelivery } from './shell/measure.ts'
import { createReadiness } from './shell/readiness.ts'
import { createRememberViews } from './shell/remember-views.ts'
import { recordStart } from './shell/record-start.ts'
import { createRetain } from './shell/retain.ts'
import { createRotateKey } from './shell/rotate-key.ts'
import { createRunTests } from './shell/run-tests.ts'
import { createNewScene } from './shell/new-scene.ts'
import { createPushData } from './shell/push-data.ts'
import { createReadProcess } from './shell/read-process.ts'
import { createReceiveData } from './shell/receive-data.ts'
import { createReceiveNegotiation } from './shell/receive-negotiation.ts'
import { createReceiveTransfer } from './shell/receive-transfer.ts'
import { createRenewAddress } from './shell/renew-address.ts'
import { createRenewToken } from './shell/renew-token.ts'
import { createRequestCatalog } from './shell/request-catalog.ts'
import { CATALOG_BOUNDS, createServeCatalog } from './shell/serve-catalog.ts'
import { closeInterrupted } from './shell/close-interrupted.ts'
import { createOpenDataset } from './shell/open-dataset.ts'
import { sealSources } from './shell/seal-sources.ts'
import { createServeData } from './shell/serve-data.ts'
import { finishes, setTimer } from './shell/timer.ts'
import { lockDirectory, type DirectoryLock } from './store/lock.ts'
import { readRestoreNote, removeRestoreNote } from './store/restore-note.ts'
import { openStore } from './store/sqlite.ts'
import { EXPOSITION_TYPE } from './telemetry/registry.ts'
import { createIdentity } from './trust/identity.ts'
import { openKeyRing } from './trust/key-ring.ts'
import { openSeal } from './trust/seal.ts'
import { keylessOf } from './trust/static-tokens.ts'
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

const FILE_DIGESTS = 'file.digests'
/** SQLite's pages of 4 KiB. */
const PAGES_PER_MIB = 256
const WARM_DATASETS_MAX = 1_000
const CONNECT_TIMEOUT_MS = 60_000
const EVENT_LISTENERS_MAX = 50
const EVENT_HEARTBEAT_MS = 15_000
/** A peer that stops reading, or sends nothing, keeps its connection this long. */
const PUBLIC_IDLE_MS = 60_000
/** Longer than `connect` may take, which answers only when all is done. */
const MANAGEMENT_IDLE_MS = 2 * CONNECT_TIMEOUT_MS
const MANAGEMENT_CONNECTIONS_MAX = 256
/** How often the files of our certificate are looked at. */
const TLS_LOOK_MS = 5_000
/** Answers kept for the repeated calls of one management token. */
const ANSWERS_MAX = 10_000

/** Opens the connector: keys, database, policies. Nothing listens yet. Throws a ProblemError with what is wrong. */
export async function openApp(settings: Settings, runtime: Runtime): Promise<App> {
  const paths = dataPaths(settings.config.dataDir)
  mkdirSync(paths.dir, { recursive: true, mode: 0o700 })
  const lock = lockDirectory(paths.dir)
  try {
    return await openLocked(settings, runtime, paths, lock)
  } catch (error) {
    lock.release()
    throw error
  }
}

async function openLocked(
  { config, derived, secrets }: Settings,
  runtime: Runtime,
  paths: DataPaths,
  lock: DirectoryLock,
): Promise<App> {
  const { clock, newUuid, randomBytes, random, log } = runtime
  const { limits, protocol } = config
  const self = derived.did as ParticipantId
  const startedAt = clock()

  const keys = await openKeyRing(paths.keys, { algorithm: config.identity.algorithm, now: startedAt })
  const opened = openStore({
    file: paths.database,
    now: startedAt,
    origin: self,
    nonce: () => Buffer.from(randomBytes(16)).toString('hex'),
    pagesMax: limits.databaseMibMax * PAGES_PER_MIB,
  })
  const readiness = createReadiness({ clock, log, tryToWrite: opened.tryToWrite })
  const transact = readiness.watched(opened.transact)
  const store = { ...opened, transact }
  const { reader } = store

  const pause = (): Promise<void> => new Promise((goOn) => setTimer(0, goOn))
  const catalog = createKeepCatalog({ store, log, pause, shelvedMax: SHELVED_MAX })
  const seenBy = createRememberViews({ reader, current: catalog.current, clock, pause })
  const folder = resolve(config.policiesDir)
  const { claims } = config.participant
  const runTests = createRunTests({ pause, nowMs: () => performance.now() })
  const policies = await openPolicies({ folder, store, catalog, clock, pause, self, claims, log, setTimer, runTests })
  const { definitions } = policies

  const newUrn = (): string => `urn:uuid:${newUuid()}`
  const spellings = new Map(protocol.spellings.map(({ participant, spelling }) => [participant, spelling]))
  const newScene = createNewScene({
    self,
    clock,
    newUrn,
    randomBytes,
    base: derived.dspBase,
    dataBase: derived.dataBase,
    accessTokenS: limits.dataTokenWithoutRenewalS,
    renewedTokenS: limits.dataTokenS,
    keyless: keylessOf(secrets.staticTokens, config.identity.trustList),
    spellings,
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
  if (config.outbound.proxy !== undefined) {
    const what = 'names are checked, and addresses are not pinned, because the proxy resolves them'
    log.info('outbound.proxied', { proxy: config.outbound.proxy, what })
  }
  const callbackGuard = orThrow(
    createGuard({ guard: 'peer', loopback: derived.loopback, allowHttpHosts, allowNetworks }),
  )

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
  const obligations = createWatchObligations({ store, clock, self, log, setTimer })

  const newMessageId = (): MessageId => newUrn() as MessageId
  const findPeer = createFindPeer({ reader, resolveDid: identity.resolveDid, client, clock })
  const requestCatalog = createRequestCatalog({ client, findPeer, newMessageId })
  const renewAddress = createRenewAddress({
    store,
    newScene,
    clock,
    setTimer,
    log,
    call: peers.call,
    issueForToken: identity.issueForToken,
    timeoutMs: limits.answerTimeoutMs,
    answerBytesMax: limits.answerBytesMax,
  })
  const seal = openSeal(paths.masterKey, secrets.masterKey, randomBytes)
  const act = createAct({
    transact,
    newScene,
    defaults,
    newMessageId,
    sealSecret: seal.seal,
    offers: () => catalog.current().index,
  })
  const rotateKey = createRotateKey({ ring: keys, store, clock, self, log, setTimer })
  const fileDigests = createFileDigests({ entriesMax: 10_000, pendingMax: 1_000, file: join(paths.dir, FILE_DIGESTS) })
  const filesRoot = config.data.filesDir === undefined ? undefined : resolve(config.data.filesDir)
  const sourcePorts = {
    ...(filesRoot !== undefined && { filesRoot }),
    fileDigests,
    clock,
    call: sources.stream,
    timeoutMs: limits.answerTimeoutMs,
    bodyTimeoutMs: limits.answerTimeoutMs,
  }
  const openDataset = createOpenDataset(seal.open, (source, request) => openSource(source, request, sourcePorts))
  const standing = { isAdmitted: identity.isAdmitted, regime: () => catalog.current().index.regime }
  const serveData = createServeData({
    store,
    standing,
    openDataset,
    newScene,
    newDeliveryId: newUrn,
    clock,
    log,
    setTimer,
    streamsMax: limits.dataStreamsMax,
  })
  const attemptPush = createAttemptPush({
    store,
    standing,
    openDataset,
    upload: peers.upload,
    newScene,
    newDeliveryId: newUrn,
    clock,
    random,
    setTimer,
    onBytesSent: (bytes) => metrics.onBytesPushed(bytes),
    timeoutMs: limits.answerTimeoutMs,
    answerBytesMax: limits.answerBytesMax,
  })
  const pushData = createPushData({
    store,
    attemptPush,
    clock,
    log,
    setTimer,
    inFlightMax: limits.pushesInFlightMax,
    perPeerInFlightMax: limits.pushesPerPeerInFlightMax,
  })
  const sinksDir = config.data.sinksDir === undefined ? undefined : resolve(config.data.sinksDir)
  const refusals = createRefusalBound({ clock, perPeerHourMax: limits.refusalsPerPeerHourMax })
  const receiveData = createReceiveData({
    store,
    isAdmitted: identity.isAdmitted,
    refusals,
    newScene,
    openSecret: seal.open,
    fillSink: createFillSink({
      ...(sinksDir !== undefined && { sinksDir }),
      upload: sources.upload,
      clock,
      timeoutMs: limits.answerTimeoutMs,
      answerBytesMax: limits.answerBytesMax,
    }),
    log,
    bytesMax: limits.downloadBytesMax,
    streamsMax: limits.dataStreamsMax,
  })
  const receiveOptions = {
    transact,
    newScene,
    offers: () => catalog.current().index,
    defaults,
    processesPerPeerMax: limits.processesPerPeerMax,
  }
  const retain = createRetain({ store, clock, self, log, setTimer, pause, periods: config.retention })
  const seconds = (): number => performance.now() / 1000
  const inFlight = createInFlight(seconds, (request, status, took) => {
    if (isTimed(request)) metrics.onAnswered(surfaceOf(request), status, took)
  })
  const { metrics, status } = createMeasure({
    seconds,
    participant: { did: self, name: config.participant.name, claims: config.participant.claims },
    version: runtime.version,
    startedAt,
    clock,
    store,
    deliveryDeadlineMs: protocol.deliveryDeadlineS * 1000,
    periods: config.retention,
    readiness,
    policies: policies.state,
    streamsRunning: () => serveData.running(),
    requestsInFlight: inFlight.count,
    lastRetention: () => retain.last(),
    certificateEndsAt: () => (certificate === null ? null : instant(certificate.endsAtMs())),
  })
  const report = (error: unknown, request: Request): void => {
    const found = toProblem(error)
    metrics.onProblem(surfaceOf(request), found.code)
    logProblem(log, error, found, {
      method: request.method,
      path: request.originalUrl.split('?')[0] ?? '',
      id: newUuid(),
    })
  }
  const stopping = new AbortController()
  const bounded = boundRefusals(refusals)
  const permit = createPermit(reader)

  const guarded = createGuardReads({
    authenticate: identity.authenticate,
    reader,
    clock,
    startedAt,
    entriesMax: limits.replayEntriesMax,
  })
  const publicHandler = publicApp({
    ...guarded,
    renewToken: createRenewToken({
      store,
      authenticate: guarded.authenticate,
      standing,
      newScene,
      refusals,
    }),
    receiveNegotiation: bounded(createReceiveNegotiation(receiveOptions)),
    receiveTransfer: bounded(
      createReceiveTransfer({
        ...receiveOptions,
        whyForbidden: (url) => {
          const judged = judgeUrl(callbackGuard, url)
          return judged.ok ? null : judged.problem
        },
      }),
    ),
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
      seenBy,
      pause,
      self,
      base: derived.dspBase,
      bounds: CATALOG_BOUNDS,
      spellings,
    }),
    serveData,
    receiveData,
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
  const { server: publicServer, certificate } = serverWith(
    config.public.tls ?? null,
    publicHandler,
    { ...limits, idleTimeoutMs: PUBLIC_IDLE_MS },
    { log, everyMs: TLS_LOOK_MS },
  )
  const managementServer = httpServer(
    managementApp({
      permit,
      reader,
      store,
      act,
      connect: createConnect({
        store,
        act,
        requestCatalog,
        isUsable: (transferPid) => renewAddress.isUsable(transferPid),
        timeoutMs: CONNECT_TIMEOUT_MS,
      }),
      findPeer,
      requestCatalog,
      sinksDir,
      fetchData: createFetchData({
        store,
        newScene,
        clock,
        renewAddress,
        stream: peers.stream,
        bytesMax: limits.downloadBytesMax,
        timeoutMs: limits.answerTimeoutMs,
      }),
      administer: createAdminister({ store, clock, self, sealSecret: seal.seal, datasetsMax: limits.datasetsMax }),
      tokens: createManageTokens({ store, clock, self, randomBytes }),
      explainAccess: createExplainAccess({
        reader,
        offers: () => catalog.current().index,
        isAdmitted: identity.isAdmitted,
        clock,
      }),
      keepRecord: createKeepRecord({ store, clock }),
      rotateKey,
      answerOnce: createAnswerOnce({ store, clock, log, answersMax: ANSWERS_MAX }),
      patienceMs,
      version: runtime.version,
      names: config.management.names,
      definitions,
      policies,
      formats: [PULL, PUSH],
      listenersMax: EVENT_LISTENERS_MAX,
      heartbeatMs: EVENT_HEARTBEAT_MS,
      bodyBytesMax: limits.bodyBytesMax,
      report,
      track: inFlight.track,
      refuseLate: inFlight.refusing(),
      metrics: { mediaType: EXPOSITION_TYPE, expose: metrics.expose, access: config.management.metrics },
      status,
      retain,
      stopping: stopping.signal,
    }),
    { ...limits, connectionsMax: MANAGEMENT_CONNECTIONS_MAX, idleTimeoutMs: MANAGEMENT_IDLE_MS },
  )

  /** The digest of a published file is computed beforehand, so that it can stand before the first byte. */
  const warm = (source: SealedSource | null): void => {
    if (source?.type === 'file')
      void fileOf(source, filesRoot).then((path) => (path === null ? null : fileDigests.warm(path)))
  }

  let closing: Promise<void> | null = null
  async function shut(): Promise<void> {
    readiness.stopping()
    inFlight.stop()
    stopping.abort()
    log.info('connector.stopping', { requests: inFlight.count(), streams: serveData.running() })
    rotateKey.stop()
    certificate?.stop()
    const work = Promise.all([
      policies.stop(),
      dispatcher.stop(),
      expirer.stop(),
      obligations.stop(),
      retain.stop(),
      serveData.stop(),
    ])
    const pushing = Promise.all([pushData.stop(), receiveData.stop()])
    const isDone = await finishes(limits.stopGraceMs, Promise.all([work, inFlight.idle()]))
    if (!isDone) log.warn('connector.grace-over', { requests: inFlight.count(), streams: serveData.running() })
    for (const server of [publicServer, managementServer]) {
      server.close()
      server.closeAllConnections()
    }
    // What is still on its way fails now, and stays in the outbox.
    await Promise.all([peers.close(), sources.close(), fileDigests.close()])
    await Promise.all([work, pushing, serveData.stop()])
    store.close()
    lock.release()
    log.info('connector.stopped')
  }

  return {
    managementUrl: `http://${config.management.host}:${String(config.management.port)}`,
    adminTokenFile: paths.adminToken,
    listen: async () => {
      await recordStart({
        store,
        self,
        at: startedAt,
        adminTokenFile: paths.adminToken,
        randomBytes,
        newKeyId: keys.made !== null || reader.evidenceHead().seq === 0 ? keys.at(startedAt).current.id : null,
        restored: readRestoreNote(paths.dir),
        version: runtime.version,
        policyDigest: policies.digest(),
        settingsDigest: digestOf(JSON.stringify(config)),
      })
      removeRestoreNote(paths.dir)
      await policies.begin()
      await rotateKey.retire()
      await sealSources({ store, seal: seal.seal, isMine: seal.isMine, self, at: startedAt, log })
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
      obligations.start()
      pushData.start()
      retain.start()
      readiness.started()
      log.info('connector.started', { did: self, publicUrl: derived.publicUrl, dsp: DSP_PATH })
    },
    close: () => (closing ??= shut()),
  }
}
