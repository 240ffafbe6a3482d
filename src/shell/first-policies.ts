// Which policies are in force when the connector starts: those of the folder, or those that were in force before.

import { unpackFiles } from '../config/policies/generation-content.ts'
import type { PolicyGenerationRow, Reader } from '../domain/ledger.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { Prepared } from './keep-catalog.ts'
import { generationsIn } from './kept-policies.ts'
import { refusalOf, stageFolder, type FolderRead, type Staged, type StagePolicies } from './stage-policies.ts'

export interface FirstPolicies {
  readonly staged: Staged
  readonly prepared: Prepared
  /** The generation that they are; null where they are a new one, which is not on record yet. */
  readonly row: PolicyGenerationRow | null
  /** What lies in the folder, in force or not. */
  readonly folder: Staged
}

/**
 * The folder, unless it has mistakes, or somebody went back to an earlier generation and the folder has not changed since:
 * then what was in force last. Throws the findings of the folder where neither can be in force.
 */
export async function chooseFirst(reader: Reader, read: FolderRead, stage: StagePolicies): Promise<FirstPolicies> {
  const active = generationsIn(reader).find(({ state }) => state === 'active') ?? null
  const folder = await stageFolder(read, stage, active?.digest ?? null)
  const wentBack = active !== null && active.digest !== active.folderDigest && active.folderDigest === folder.digest
  if (active !== null && (folder.prepared === null || wentBack)) {
    const kept = await stageKept(reader, active, stage)
    if (kept !== null && kept.prepared !== null) {
      folder.prepared?.discard()
      return { staged: kept, prepared: kept.prepared, row: active, folder }
    }
  }
  if (folder.prepared === null) throw refusalOf(folder)
  const isActive = active?.digest === folder.digest
  return { staged: folder, prepared: folder.prepared, row: isActive ? active : null, folder }
}

/** Null where its files were damaged: then there is nothing to go back to. */
async function stageKept(
  reader: Reader,
  { digest }: PolicyGenerationRow,
  stage: StagePolicies,
): Promise<Staged | null> {
  const content = reader.get('policyContent', digest)
  if (content === null) return null
  try {
    // What was in force stays in force, also where this build would come to another verdict in a case.
    return await stage(await unpackFiles(content.packed, digest), digest)
  } catch (error) {
    if (error instanceof ProblemError && error.problem.code === 'store.damaged') return null
    throw error
  }
}
