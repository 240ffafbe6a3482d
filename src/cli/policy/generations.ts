// The generations of the policy files as the command line sees them: from the connector that runs, or from its database.

import { readFolder } from '../../shell/stage-policies.ts'
import { generationsIn } from '../../shell/kept-policies.ts'
import type { Finding } from '../../config/finding.ts'
import { generationSeen, type GenerationSeen } from '../../domain/generations/seen.ts'
import { toIso } from '../../kernel/time.ts'
import { isDirectoryLocked } from '../../store/lock.ts'
import { withStore } from '../ledger.ts'
import { openManagement } from '../management.ts'
import type { Io } from '../outcome.ts'
import { readSettings } from '../settings.ts'

/** What `GET /policies` shows, as far as files can say it. */
export interface PoliciesSeen {
  /** Null where there is none yet: the first start makes it. */
  readonly generation: number | null
  readonly digest: string | null
  readonly since: string | null
  readonly files: number
  readonly backTo: number | null
  readonly degraded: boolean
  readonly refused: { readonly mistakes: number; readonly findings: readonly Finding[] } | null
  /** Newest first. */
  readonly generations: readonly GenerationSeen[]
}

/** `pending`: what lies in the folder was not looked at yet; a connector that runs does so within a second. */
export type PoliciesHere = PoliciesSeen & { readonly running: boolean; readonly pending: boolean }

/** Throws `store.unavailable` where the connector was never started, `peer.unreachable` where it does not answer. */
export async function readPolicies(io: Io): Promise<PoliciesHere> {
  const settings = await readSettings(io)
  if (isDirectoryLocked(settings.paths.dir)) {
    const seen = await (await openManagement(io)).get<PoliciesSeen>('/policies')
    return { running: true, pending: false, ...seen }
  }
  const [rows, folder] = [
    await withStore(settings, io, (store) => Promise.resolve(generationsIn(store.reader))),
    await readFolder(settings.config.policiesDir),
  ]
  const active = rows.find(({ state }) => state === 'active') ?? null
  const last = rows.findLast(({ digest }) => digest === folder.digest)
  const refused = last?.state === 'refused' ? last : null
  return {
    running: false,
    pending: refused === null && active?.folderDigest !== folder.digest,
    generation: active?.number ?? null,
    digest: active?.digest ?? null,
    since: active === null ? null : toIso(active.at),
    files: active?.files ?? 0,
    backTo: active?.backTo ?? null,
    degraded: refused !== null,
    refused: refused === null ? null : { mistakes: refused.mistakes, findings: refused.findings },
    generations: rows.toReversed().map(generationSeen),
  }
}
