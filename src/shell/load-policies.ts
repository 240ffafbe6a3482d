// The policy files in force, as one generation: read at the start, read again on request, kept as they are on any error.

import { readOfferFile, type OfferFile } from '../config/policies/offer-file.ts'
import { readPolicyFiles } from '../config/policies/read-policy-files.ts'
import { isOfferFile, readPolicyFolder, type PolicyFolder } from '../config/policies/read-policy-folder.ts'
import { findingLine } from '../config/finding.ts'
import type { Store } from '../domain/ledger.ts'
import { canonicalJson } from '../kernel/canonical-json.ts'
import { digestOf } from '../kernel/digest.ts'
import { problem, ProblemError } from '../kernel/problem.ts'
import type { Clock, Instant } from '../kernel/time.ts'
import type { ParticipantId } from '../protocol/ids.ts'
import type { KeepCatalog, Prepared } from './keep-catalog.ts'
import type { Definitions, Pause } from './ports.ts'

export interface LoadPoliciesOptions {
  readonly folder: string
  readonly store: Store
  readonly catalog: KeepCatalog
  readonly clock: Clock
  readonly pause: Pause
  readonly self: ParticipantId
}

export interface Policies {
  readonly definitions: Definitions
  /** `sha-256:…` over all files in force. */
  readonly digest: () => string
  readonly state: () => PoliciesState
  /** Reads the folder again; on any finding everything stays as it was, and the findings come back. One at a time. */
  readonly reload: (by: string) => Promise<PolicyFolder['findings']>
}

/** What is in force, and whether what lies in the folder is something else, because it was refused. */
export interface PoliciesState {
  readonly loadedAt: Instant
  readonly digest: string
  readonly offers: number
  readonly refused: { readonly at: Instant; readonly findings: number; readonly first: string } | null
}

/** What is done without a pause, some milliseconds: a file that is new costs a hundred times what one does that is known. */
const WORK_PER_SLICE = 500
const WORK_OF_NEW_FILE = 100

interface FolderRead extends PolicyFolder {
  readonly digest: string
  /** The offers with their datasets, ready to be put in force; null where there are findings. */
  readonly prepared: Prepared | null
}

/** Throws `policy.invalid` with every finding where the folder is not clean: a start with half the offers helps nobody. */
export async function openPolicies(options: LoadPoliciesOptions): Promise<Policies> {
  const { store, catalog, clock, self } = options
  const readGeneration = createReadGeneration(options)
  const first = await readGeneration()
  if (first.prepared === null) {
    throw new ProblemError(problem('policy.invalid', first.findings.map(findingLine).join('\n')))
  }
  first.prepared.install()
  let digest = first.digest
  let loadedAt = clock()
  let refused: PoliciesState['refused'] = null
  let last: Promise<unknown> = Promise.resolve()

  async function reload(by: string): Promise<PolicyFolder['findings']> {
    const read = await readGeneration()
    const { prepared } = read
    const found =
      prepared === null ? { findings: read.findings.slice(0, 20).map(findingLine) } : { offers: read.offers.length }
    const entry = {
      type: prepared === null ? 'policy.rejected' : 'policy.loaded',
      at: clock(),
      actor: self,
      policyDigest: read.digest,
      ext: { by, ...found },
    } as const
    try {
      await store.transact(
        () => null,
        () => ({ write: [{ append: 'evidence', entry }], result: null }),
      )
      const [first] = read.findings
      if (prepared !== null) {
        digest = read.digest
        loadedAt = entry.at
      }
      refused = first === undefined ? null : { at: entry.at, findings: read.findings.length, first: findingLine(first) }
      prepared?.install()
    } finally {
      prepared?.discard()
    }
    return read.findings
  }

  return {
    definitions: () => catalog.current().index.definitions,
    digest: () => digest,
    state: () => ({ loadedAt, digest, offers: catalog.current().index.definitions.length, refused }),
    reload: (by) => {
      // Two at a time could put the older reading in force last.
      const mine = last.then(() => reload(by))
      last = mine.catch(() => null)
      return mine
    },
  }
}

/** Reads the folder as it is now. A file that has not changed since the last reading is not read into an offer again. */
function createReadGeneration({ folder, catalog, pause }: LoadPoliciesOptions): () => Promise<FolderRead> {
  let known: ReadonlyMap<string, OfferFile> = new Map()

  return async () => {
    const files = await readPolicyFiles(folder)
    const read = new Map<string, OfferFile>()
    const digests: [string, string][] = []
    let work = 0
    for (const file of files) {
      const digest = digestOf(file.text)
      const key = `${digest} ${file.path}`
      digests.push([file.path, digest])
      work += known.has(key) ? 1 : WORK_OF_NEW_FILE
      if (work >= WORK_PER_SLICE) {
        work = 0
        await pause()
      }
      if (isOfferFile(file)) read.set(file.path, known.get(key) ?? readOfferFile(file))
    }
    known = new Map(digests.flatMap(([path, digest]) => pairOf(`${digest} ${path}`, read.get(path))))

    const digest = digestOf(canonicalJson(digests))
    const found = readPolicyFolder(files, (file) => read.get(file.path) ?? readOfferFile(file))
    if (found.findings.length > 0) return { ...found, digest, prepared: null }
    const prepared = await catalog.prepare(found.offers)
    if (prepared.ok) return { ...found, digest, prepared: prepared.value }
    const { code, message } = prepared.problem
    return { offers: [], findings: [{ file: 'offers', line: 1, column: 1, code, message }], digest, prepared: null }
  }
}

function pairOf<T>(key: string, value: T | undefined): readonly (readonly [string, T])[] {
  return value === undefined ? [] : [[key, value]]
}
