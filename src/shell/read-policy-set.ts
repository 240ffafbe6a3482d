// What policy files say, without keeping everybody else waiting: in slices, and a file that is known is not read again.

import type { Finding } from '../config/finding.ts'
import { readOfferFile, type OfferFile } from '../config/policies/offer-file.ts'
import { isOfferFile, readPolicyFolder } from '../config/policies/read-policy-folder.ts'
import type { PolicyFile } from '../config/policies/source.ts'
import type { OfferDefinition } from '../domain/policy/offer-definition.ts'
import type { Regime } from '../domain/policy/regime.ts'
import { digestOf } from '../kernel/digest.ts'
import type { Pause } from './ports.ts'

/** What all files of one folder say together: in force as one, or not at all. */
export interface PolicySet {
  readonly offers: readonly OfferDefinition[]
  /** Absent: nothing beside the offers. */
  readonly regime?: Regime
  /** Everything that is wrong, or might be. */
  readonly findings: readonly Finding[]
}

/** The files are all there are, in the order of their paths. */
export type ReadPolicySet = (files: readonly PolicyFile[]) => Promise<PolicySet>

/** What is done without a pause, some milliseconds: a file that is new costs a hundred times what one does that is known. */
const WORK_PER_SLICE = 500
const WORK_OF_NEW_FILE = 100

/** Remembers what was in each file of the reading before. */
export function createReadPolicySet(pause: Pause): ReadPolicySet {
  let known: ReadonlyMap<string, OfferFile> = new Map()

  return async (files) => {
    const read = new Map<string, OfferFile>()
    const next = new Map<string, OfferFile>()
    let work = 0
    for (const file of files.filter(isOfferFile)) {
      const key = `${digestOf(file.text)} ${file.path}`
      work += known.has(key) ? 1 : WORK_OF_NEW_FILE
      if (work >= WORK_PER_SLICE) {
        work = 0
        await pause()
      }
      const offer = known.get(key) ?? readOfferFile(file)
      read.set(file.path, offer)
      next.set(key, offer)
    }
    known = next
    return readPolicyFolder(files, (file) => read.get(file.path) ?? readOfferFile(file))
  }
}
