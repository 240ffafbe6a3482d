// Policy files on their way into force: read, checked, tried by their own tests, put over the datasets; swapped later in one step.

import { findingLine, isMistake, type Finding } from '../config/finding.ts'
import { digestOfFiles, packFiles } from '../config/policies/generation-content.ts'
import { neededInForce } from '../config/policies/needed-in-force.ts'
import { readPolicyFiles } from '../config/policies/read-policy-files.ts'
import type { PolicyFile } from '../config/policies/source.ts'
import { digestOf } from '../kernel/digest.ts'
import { problem, ProblemError } from '../kernel/problem.ts'
import type { KeepCatalog, Prepared } from './keep-catalog.ts'
import type { PolicySet, ReadPolicySet } from './read-policy-set.ts'

/** Runs the tests that lie among the files against what the files say; gives a finding for each that fails. */
export type RunPolicyTests = (set: PolicySet) => Promise<readonly Finding[]>

export interface StagePoliciesOptions {
  readonly catalog: KeepCatalog
  readonly read: ReadPolicySet
  /** Absent: no tests are run. */
  readonly runTests?: RunPolicyTests
}

export interface Staged {
  /** `sha-256:…` over all files; of the reason where they could not be read at all. */
  readonly digest: string
  readonly files: readonly PolicyFile[]
  readonly offers: number
  /** Those that keep it from being in force. */
  readonly findings: readonly Finding[]
  /** Null where there are such findings. Must be installed or discarded. */
  readonly prepared: Prepared | null
}

/** @param tried the digest of files that passed their tests, or are in force without having had to: they are not run again */
export type StagePolicies = (files: readonly PolicyFile[], tried: string | null) => Promise<Staged>

export function createStagePolicies({ catalog, read, runTests }: StagePoliciesOptions): StagePolicies {
  /** What has been found good once is not read for its warnings again. */
  async function readInForce(files: readonly PolicyFile[]): Promise<PolicySet> {
    const set = await read(neededInForce(files))
    return set.findings.some(isMistake) ? read(files) : set
  }

  return async (files, tried) => {
    const digest = digestOfFiles(files)
    const set = digest === tried ? await readInForce(files) : await read(files)
    const refused = (findings: readonly Finding[]): Staged => ({ digest, files, offers: 0, findings, prepared: null })

    const mistakes = set.findings.filter(isMistake)
    if (mistakes.length > 0) return refused(mistakes)
    const failures = digest === tried ? [] : ((await runTests?.(set)) ?? [])
    if (failures.some(isMistake)) return refused(failures.filter(isMistake))
    const prepared = await catalog.prepare(set.offers, set.regime)
    if (prepared.ok) return { digest, files, offers: set.offers.length, findings: [], prepared: prepared.value }
    const { code, message } = prepared.problem
    return refused([{ file: 'offers', line: 1, column: 1, code, message }])
  }
}

/** What lies in the folder, not looked into yet. One that cannot be read, or is too large, has a finding and no files. */
export interface FolderRead {
  readonly digest: string
  readonly files: readonly PolicyFile[]
  readonly findings: readonly Finding[]
}

export async function readFolder(folder: string): Promise<FolderRead> {
  try {
    const files = await readPolicyFiles(folder)
    return { digest: digestOfFiles(files), files, findings: [] }
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    const { code, message, path = 'policiesDir' } = error.problem
    return { digest: digestOf(message), files: [], findings: [{ file: path, line: 0, column: 0, code, message }] }
  }
}

export async function stageFolder(read: FolderRead, stage: StagePolicies, tried: string | null): Promise<Staged> {
  return read.findings.length > 0 ? { ...read, offers: 0, prepared: null } : stage(read.files, tried)
}

/** As it is kept, so that a start with broken files has something to go back to. */
export function packed({ files }: Staged): Promise<string> {
  return packFiles(files)
}

/** What is thrown at a start that has nothing to go back to. */
export function refusalOf({ findings }: Staged): ProblemError {
  const code = findings.some((each) => each.code === 'config.invalid') ? 'config.invalid' : 'policy.invalid'
  return new ProblemError(problem(code, findings.map(findingLine).join('\n')))
}
