// The policy files in force, generation by generation: followed as the folder changes, and kept as they are on any error.

import type { Finding } from '../config/finding.ts'
import { findingLine } from '../config/finding.ts'
import { unpackFiles } from '../config/policies/generation-content.ts'
import { watchFolder, type FolderWatch } from '../config/policies/watch-folder.ts'
import { keepGeneration } from '../domain/generations/keep-generation.ts'
import type { PolicyGenerationRow, Store } from '../domain/ledger.ts'
import type { Log } from '../kernel/log.ts'
import type { Clock, Instant } from '../kernel/time.ts'
import type { ParticipantId } from '../protocol/ids.ts'
import { chooseFirst, type FirstPolicies } from './first-policies.ts'
import { generationsIn, keptGeneration, notTakenBack } from './kept-policies.ts'
import type { KeepCatalog } from './keep-catalog.ts'
import type { Definitions, Pause } from './ports.ts'
import { createReadPolicySet } from './read-policy-set.ts'
import {
  createStagePolicies,
  packed,
  readFolder,
  stageFolder,
  type RunPolicyTests,
  type Staged,
} from './stage-policies.ts'
import type { SetTimer } from './timer.ts'

export interface LoadPoliciesOptions {
  readonly folder: string
  readonly store: Store
  readonly catalog: KeepCatalog
  readonly clock: Clock
  readonly pause: Pause
  readonly self: ParticipantId
  /** What we say of ourselves. */
  readonly claims: Readonly<Record<string, string>>
  readonly log: Log
  readonly setTimer: SetTimer
  readonly runTests?: RunPolicyTests
}

export interface Policies {
  readonly definitions: Definitions
  /** `sha-256:…` over all files in force. */
  readonly digest: () => string
  readonly state: () => PoliciesState
  /** Every generation that is kept, newest first. */
  readonly history: () => readonly PolicyGenerationRow[]
  /** Reads the folder again; on any finding everything stays as it was, and the findings come back. One at a time. */
  readonly reload: (by: string) => Promise<readonly Finding[]>
  /**
   * Puts the files of an earlier generation in force again, as a new one, until the folder changes or is reloaded. Throws
   * `resource.unknown` where it is not kept, `policy.not-understood` where it was refused or this build would refuse it.
   */
  readonly rollback: (generation: number, by: string) => Promise<void>
  /** Puts on record what the start has found, and follows the folder from then on. */
  readonly begin: () => Promise<void>
  /** Follows it no more; resolves when nothing is under way. */
  readonly stop: () => Promise<void>
}

/** What is in force, and whether what lies in the folder is something else, because it was refused. */
export interface PoliciesState {
  readonly generation: number
  readonly digest: string
  readonly loadedAt: Instant
  readonly files: number
  readonly offers: number
  /** The generation that somebody went back to. */
  readonly backTo: number | null
  readonly refused: RefusedPolicies | null
}

export interface RefusedPolicies {
  readonly at: Instant
  readonly digest: string
  readonly findings: readonly Finding[]
}

/** In parentheses, as no management token can be called. */
const BY = { folder: '(folder)', start: '(start)' } as const

/** Why a reading comes into force. */
interface Origin {
  readonly by: string
  readonly backTo: number | null
  readonly folderDigest: string
}

/**
 * Reads the folder, or where that has mistakes, the last generation that was good. Throws `policy.invalid` (or
 * `config.invalid`) with every finding where there is none: a start with half the offers helps nobody.
 */
export async function openPolicies(options: LoadPoliciesOptions): Promise<Policies> {
  const { folder, store, catalog, clock, self, log, setTimer, runTests } = options
  const read = createReadPolicySet(options)
  const stage = createStagePolicies({ catalog, read, ...(runTests !== undefined && { runTests }) })

  const first = await chooseFirst(store.reader, await readFolder(folder), stage)
  first.prepared.install()
  let unrecorded: FirstPolicies | null = first
  let inForce: Omit<PoliciesState, 'refused'> = {
    generation: first.row?.number ?? 0,
    digest: first.staged.digest,
    loadedAt: first.row?.at ?? clock(),
    files: first.staged.files.length,
    offers: first.staged.offers,
    backTo: first.row?.backTo ?? null,
  }
  let refused = refusalIn(first.folder, clock())
  /** What lay in the folder when it was last decided upon. */
  let decided = first.folder.digest
  let watch: FolderWatch | null = null
  let callOff: (() => void) | null = null
  let last: Promise<unknown> = Promise.resolve()
  if (refused !== null) {
    const hint = 'the last good policies are in force; mend the files, or go back with `lingqu policy rollback`'
    log.error('policies.degraded', { inForce: inForce.generation, findings: linesOf(refused.findings), hint })
  }

  async function record(staged: Staged, { by, backTo, folderDigest }: Origin): Promise<Instant> {
    const { digest, files, offers, findings } = staged
    const at = clock()
    const reading = { digest, folderDigest, backTo, at, by, files: files.length, findings, told: { offers } }
    const content = await packed(staged)
    const generation = await store.transact(generationsIn, (rows) =>
      keepGeneration(rows, self, { ...reading, packed: content }),
    )
    if (staged.prepared !== null) {
      // The same synchronous step as the installation: nobody sees one without the other.
      staged.prepared.install()
      inForce = { generation, digest, loadedAt: at, files: files.length, offers, backTo }
      log.info('policies.loaded', { generation, digest, by, files: files.length, offers, backTo })
    }
    return at
  }

  async function recordFirst({ row, staged, folder: found }: FirstPolicies): Promise<void> {
    const origin = { by: BY.start, backTo: null, folderDigest: found.digest }
    if (row === null) await record(staged, origin)
    if (found.findings.length > 0) await record(found, origin)
  }

  async function takeFolder(by: string, isAsked: boolean): Promise<readonly Finding[]> {
    const found = await readFolder(folder)
    if (!isAsked && found.digest === decided) return []
    const staged = await stageFolder(found, stage, inForce.digest)
    try {
      const isThere = staged.prepared !== null && staged.digest === inForce.digest
      const at = isThere ? clock() : await record(staged, { by, backTo: null, folderDigest: staged.digest })
      const { findings } = staged
      refused = refusalIn(staged, at)
      decided = staged.digest
      if (refused !== null) {
        log.warn('policies.refused', { by, findings: linesOf(findings), inForce: inForce.generation })
      }
      return findings
    } finally {
      staged.prepared?.discard()
    }
  }

  async function goBack(generation: number, by: string): Promise<void> {
    const { digest, packed: content } = keptGeneration(store.reader, generation)
    if (digest === inForce.digest) return
    const staged = await stage(await unpackFiles(content, digest), inForce.digest)
    try {
      if (staged.prepared === null) throw notTakenBack(generation, staged.findings)
      await record(staged, { by, backTo: generation, folderDigest: decided })
    } finally {
      staged.prepared?.discard()
    }
  }

  /** Two at a time could put the older reading in force last. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = last.then(work)
    last = mine.catch(() => null)
    return mine
  }

  return {
    definitions: () => catalog.current().index.definitions,
    digest: () => inForce.digest,
    state: () => ({ ...inForce, refused }),
    history: () => generationsIn(store.reader).toReversed(),
    reload: (by) => inTurn(() => takeFolder(by, true)),
    rollback: (generation, by) => inTurn(() => goBack(generation, by)),
    begin: () =>
      inTurn(async () => {
        if (unrecorded !== null) await recordFirst(unrecorded)
        unrecorded = null
        const onChange = (): Promise<unknown> => inTurn(() => takeFolder(BY.folder, false))
        watch ??= watchFolder({ folder, setTimer, log, onChange })
        callOff ??= setTimer(READ_AHEAD_MS, () => void inTurn(() => read(first.folder.files)))
      }),
    stop: async () => {
      callOff?.()
      await watch?.stop()
      await last
    },
  }
}

function refusalIn({ digest, findings }: Staged, at: Instant): RefusedPolicies | null {
  return findings.length === 0 ? null : { at, digest, findings }
}

const LINES_MAX = 20
/** After a start: then what the start left out is read too, so that the first edit is in force as soon as any other. */
const READ_AHEAD_MS = 3_000

function linesOf(findings: readonly Finding[]): readonly string[] {
  return findings.slice(0, LINES_MAX).map(findingLine)
}
