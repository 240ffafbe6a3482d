// What everything else stands on: keys, the database, the policies in force, and the scene of each decision.

import { resolve } from 'node:path'
import type { DataPaths } from '../config/data-dir.ts'
import type { OfferIndex } from '../domain/catalog/offer-index.ts'
import type { ParticipantId } from '../protocol/ids.ts'
import { createKeepCatalog, SHELVED_MAX } from '../shell/keep-catalog.ts'
import { openPolicies } from '../shell/load-policies.ts'
import { createNewScene } from '../shell/new-scene.ts'
import type { Defaults } from '../shell/ports.ts'
import { createReadiness } from '../shell/readiness.ts'
import { createRunTests } from '../shell/run-tests.ts'
import { setTimer } from '../shell/timer.ts'
import { openStore } from '../store/sqlite.ts'
import { openKeyRing } from '../trust/key-ring.ts'
import { openSeal } from '../trust/seal.ts'
import { keylessOf } from '../trust/static-tokens.ts'
import type { Runtime, Settings } from './settings.ts'

/** SQLite's pages of 4 KiB. */
const PAGES_PER_MIB = 256

export type Base = Awaited<ReturnType<typeof openBase>>

/** Throws a ProblemError with what is wrong with keys, database or policies. */
export async function openBase(settings: Settings, runtime: Runtime, paths: DataPaths) {
  const { config, derived, secrets } = settings
  const { clock, newUuid, randomBytes, log } = runtime
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
  const store = { ...opened, transact: readiness.watched(opened.transact) }

  const pause = (): Promise<void> => new Promise((goOn) => setTimer(0, goOn))
  const catalog = createKeepCatalog({ store, log, pause, shelvedMax: SHELVED_MAX })
  const folder = resolve(config.policiesDir)
  const { claims } = config.participant
  const runTests = createRunTests({ pause, nowMs: () => performance.now() })
  const policies = await openPolicies({ folder, store, catalog, clock, pause, self, claims, log, setTimer, runTests })

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

  return {
    ...{ settings, runtime, paths, self, startedAt, keys, store, reader: store.reader, readiness },
    ...{ pause, catalog, policies, newUrn, newScene, spellings, defaults },
    seal: openSeal(paths.masterKey, secrets.masterKey, randomBytes),
    offers: (): OfferIndex => catalog.current().index,
  }
}
