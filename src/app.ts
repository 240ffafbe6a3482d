// The composition root: opens the parts below src/app/, in order, begins their work, and ends it.

import { mkdirSync } from 'node:fs'
import { openBase, type Base } from './app/base.ts'
import { openData } from './app/data.ts'
import { openManagementSide } from './app/management-side.ts'
import { openMeasured } from './app/measured.ts'
import { openPartners } from './app/partners.ts'
import { openPublicSide } from './app/public-side.ts'
import type { Runtime, Settings } from './app/settings.ts'
import { dataPaths } from './config/data-dir.ts'
import { listening } from './http/servers.ts'
import { digestOf } from './kernel/digest.ts'
import { instant } from './kernel/time.ts'
import { DSP_PATH } from './protocol/dsp/version.ts'
import { closeInterrupted } from './shell/close-interrupted.ts'
import { createExpirer } from './shell/expire-processes.ts'
import { recordStart } from './shell/record-start.ts'
import { createRotateKey } from './shell/rotate-key.ts'
import { sealSources } from './shell/seal-sources.ts'
import { finishes, setTimer } from './shell/timer.ts'
import { createWatchObligations } from './shell/watch-obligations.ts'
import { lockDirectory, type DirectoryLock } from './store/lock.ts'
import { readRestoreNote, removeRestoreNote } from './store/restore-note.ts'

export type { Runtime, Settings } from './app/settings.ts'

export interface App {
  /** Opens both ports and begins to send. */
  listen(): Promise<void>
  /** Takes nothing new, finishes what is in flight, closes the database. May be called twice. */
  close(): Promise<void>
  readonly managementUrl: string
  /** The file with the administrator's token; its value is never shown. */
  readonly adminTokenFile: string
}

/** Opens the connector: keys, database, policies. Nothing listens yet. Throws a ProblemError with what is wrong. */
export async function openApp(settings: Settings, runtime: Runtime): Promise<App> {
  const paths = dataPaths(settings.config.dataDir)
  mkdirSync(paths.dir, { recursive: true, mode: 0o700 })
  const lock = lockDirectory(paths.dir)
  try {
    return connected(await openBase(settings, runtime, paths), lock)
  } catch (error) {
    lock.release()
    throw error
  }
}

function connected(base: Base, lock: DirectoryLock): App {
  const { settings, runtime, paths, self, startedAt, keys, store, reader, readiness, policies, newScene, seal } = base
  const { config, derived } = settings
  const { clock, randomBytes, log, version } = runtime
  const { management, limits, protocol } = config

  const partners = openPartners(base)
  const { dispatcher, peers, sources } = partners
  const data = openData(base, partners, (bytes) => {
    measured.metrics.onBytesPushed(bytes)
  })
  const { serveData, pushData, receiveData, fileDigests } = data
  const measured = openMeasured(base, data, () => (certificate === null ? null : instant(certificate.endsAtMs())))
  const { inFlight, retain } = measured
  const expirer = createExpirer({
    ...{ store, clock, newScene, log, setTimer, patienceMs: protocol.manualDeadlineS * 1000 },
  })
  const obligations = createWatchObligations({ store, clock, self, log, setTimer })
  const rotateKey = createRotateKey({ ring: keys, store, clock, self, log, setTimer })
  const stopping = new AbortController()
  const { server: publicServer, certificate } = openPublicSide(base, partners, data, measured)
  const managementServer = openManagementSide(base, {
    ...{ partners, data, measured, rotateKey, stopping: stopping.signal },
  })

  async function listen(): Promise<void> {
    await recordStart({
      ...{ store, self, at: startedAt, adminTokenFile: paths.adminToken, randomBytes, version },
      newKeyId: keys.made !== null || reader.evidenceHead().seq === 0 ? keys.at(startedAt).current.id : null,
      restored: readRestoreNote(paths.dir),
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
      listening(managementServer, management.host, management.port),
    ])
    data.warmDigests()
    for (const part of [dispatcher, expirer, obligations, pushData, retain]) part.start()
    readiness.started()
    log.info('connector.started', { did: self, publicUrl: derived.publicUrl, dsp: DSP_PATH })
  }

  let closing: Promise<void> | null = null
  async function shut(): Promise<void> {
    readiness.stopping()
    inFlight.stop()
    stopping.abort()
    log.info('connector.stopping', { requests: inFlight.count(), streams: serveData.running() })
    rotateKey.stop()
    certificate?.stop()
    const work = Promise.all([policies, dispatcher, expirer, obligations, retain, serveData].map((part) => part.stop()))
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
    managementUrl: `http://${management.host}:${String(management.port)}`,
    adminTokenFile: paths.adminToken,
    listen,
    close: () => (closing ??= shut()),
  }
}
