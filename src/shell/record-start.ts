// The start and what it made go on record: the administrator's token (its digest), the first key, the policies in force.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { EvidenceDraft } from '../domain/evidence/entry.ts'
import type { Store, Write } from '../domain/ledger.ts'
import { sha256Hex } from '../kernel/digest.ts'
import type { Instant } from '../kernel/time.ts'
import type { ParticipantId } from '../protocol/ids.ts'
import { newTokenValue } from './manage-tokens.ts'

export interface RecordStartOptions {
  readonly store: Store
  readonly self: ParticipantId
  readonly at: Instant
  readonly adminTokenFile: string
  readonly randomBytes: (bytes: number) => Uint8Array
  /** The key that was made at this start; null where there was one. */
  readonly newKeyId: string | null
  readonly version: string
  readonly policyDigest: string
  readonly settingsDigest: string
}

export async function recordStart(options: RecordStartOptions): Promise<void> {
  const { store, self, at, adminTokenFile, randomBytes, newKeyId, version, policyDigest, settingsDigest } = options
  const hash = sha256Hex(readOrMakeToken(adminTokenFile, randomBytes))
  const evidence = (type: EvidenceDraft['type'], ext: NonNullable<EvidenceDraft['ext']>): Write => ({
    append: 'evidence',
    entry: { type, at, actor: self, policyDigest, ext },
  })
  const started: readonly Write[] = [
    ...(newKeyId === null ? [] : [evidence('key.created', { kid: newKeyId })]),
    evidence('connector.started', { version, settings: settingsDigest }),
  ]
  const token = { hash, name: 'admin', scope: 'administrator', createdAt: at, revokedAt: null }
  await store.transact(
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
}

/** The token of the command line on this machine: made at the first start, readable by its user only. */
function readOrMakeToken(file: string, randomBytes: RecordStartOptions['randomBytes']): string {
  if (!existsSync(file)) {
    writeFileSync(file, `${newTokenValue(randomBytes)}\n`, { mode: 0o600, flag: 'wx' })
  }
  return readFileSync(file, 'utf8').trim()
}
