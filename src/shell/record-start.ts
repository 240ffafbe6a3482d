// The start and what it made go on record: the administrator's token (its digest), the first key, the policies in force.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { EvidenceDraft } from '../domain/evidence/entry.ts'
import type { Store, Write } from '../domain/ledger.ts'
import type { Json } from '../kernel/canonical-json.ts'
import { sha256Hex } from '../kernel/digest.ts'
import { problem, ProblemError } from '../kernel/problem.ts'
import type { Instant } from '../kernel/time.ts'
import type { ParticipantId } from '../protocol/ids.ts'
import type { RestoreNote } from '../store/restore-note.ts'
import { newTokenValue } from './manage-tokens.ts'

export interface RecordStartOptions {
  readonly store: Store
  readonly self: ParticipantId
  readonly at: Instant
  readonly adminTokenFile: string
  readonly randomBytes: (bytes: number) => Uint8Array
  /** The key that was made at this start; null where there was one. */
  readonly newKeyId: string | null
  /** What a restore before this start has left; null where there was none. */
  readonly restored: RestoreNote | null
  readonly version: string
  readonly policyDigest: string
  readonly settingsDigest: string
}

/** Throws `store.full` with what to do: a connector that cannot put its start on record does not start. */
export async function recordStart(options: RecordStartOptions): Promise<void> {
  const { store, self, at, adminTokenFile, randomBytes, newKeyId, version, policyDigest, settingsDigest } = options
  const restored = options.restored !== null && isInPlace(store, options.restored) ? options.restored : null
  const hash = sha256Hex(readOrMakeToken(adminTokenFile, randomBytes))
  const evidence = (type: EvidenceDraft['type'], ext: NonNullable<EvidenceDraft['ext']>): Write => ({
    append: 'evidence',
    entry: { type, at, actor: self, policyDigest, ext },
  })
  const started: readonly Write[] = [
    ...(restored === null ? [] : [evidence('store.restored', { ...asEvidence(restored) })]),
    ...(newKeyId === null ? [] : [evidence('key.created', { kid: newKeyId })]),
    evidence('connector.started', { version, settings: settingsDigest }),
  ]
  const token = { hash, name: 'admin', scope: 'administrator', createdAt: at, revokedAt: null }
  await store
    .transact(
      (read) => read.get('managementToken', hash),
      (known) => ({
        write:
          known === null
            ? [
                { put: 'managementToken', row: token },
                evidence('admin.token', { made: token.name, scope: token.scope }),
                ...started,
              ]
            : started,
        result: null,
      }),
    )
    .catch((error: unknown) => {
      throw error instanceof ProblemError && error.problem.code === 'store.full' ? full(error) : error
    })
}

/** A restore that was broken off before the database was put in place has changed nothing. */
function isInPlace({ reader }: Store, { head }: RestoreNote): boolean {
  return head.seq === 0 || reader.evidence(head.seq - 1, 1)[0]?.hash === head.hash
}

function asEvidence({ restoredAt, madeAt, head, replaced, wentBack }: RestoreNote): { readonly [key: string]: Json } {
  return {
    restoredAt,
    madeAt,
    head: { ...head },
    replaced: replaced && { ...replaced },
    wentBack: wentBack && { ...wentBack },
  }
}

function full(cause: ProblemError): ProblemError {
  const what =
    'free space on the disk, or raise limits.databaseMibMax if that is set; `lingqu doctor` says which of the two'
  return new ProblemError(problem('store.full', `${cause.problem.message}. To start again: ${what}`), { cause })
}

/** The token of the command line on this machine: made at the first start, readable by its user only. */
function readOrMakeToken(file: string, randomBytes: RecordStartOptions['randomBytes']): string {
  if (!existsSync(file)) {
    writeFileSync(file, `${newTokenValue(randomBytes)}\n`, { mode: 0o600, flag: 'wx' })
  }
  return readFileSync(file, 'utf8').trim()
}
