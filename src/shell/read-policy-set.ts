// What policy files say, without keeping everybody else waiting: in slices, and a file that is known is not read again.

import type { Finding } from '../config/finding.ts'
import { readInSteps, type Remembered } from '../config/policies/read-policy-folder.ts'
import type { PolicyFile } from '../config/policies/source.ts'
import type { PolicySet as WholeSet } from '../config/policies/policy-set.ts'
import type { OfferDefinition } from '../domain/policy/offer-definition.ts'
import type { Regime } from '../domain/policy/regime.ts'
import type { Pause } from './ports.ts'

/** What all files of one folder say together: in force as one, or not at all. */
export interface PolicySet {
  readonly offers: readonly OfferDefinition[]
  /** Absent: nothing beside the offers. */
  readonly regime?: Regime
  /** Everything that is wrong, or might be. */
  readonly findings: readonly Finding[]
  /** Templates, vocabularies, tests and what else the files say. */
  readonly whole?: WholeSet
}

/** The files are all there are, in the order of their paths. */
export type ReadPolicySet = (files: readonly PolicyFile[]) => Promise<PolicySet>

/** What is done without a pause, some milliseconds: a file that is new costs a hundred times what one does that is known. */
const WORK_PER_SLICE = 500
const WORK = { read: 100, remembered: 1 } as const

export interface ReadPolicySetOptions {
  readonly pause: Pause
  /** Our own, for what a rule of the site says of the exporter. */
  readonly claims: Regime['self']
}

/** Remembers what was in each file of the reading before. */
export function createReadPolicySet({ pause, claims }: ReadPolicySetOptions): ReadPolicySet {
  let known: Remembered = new Map()

  return async (files) => {
    const reading = readInSteps(files, known)
    let work = 0
    for (let step = reading.next(); ; step = reading.next()) {
      if (step.done === true) {
        known = step.value.remembered
        const { set } = step.value
        const regime = { guardrails: set.guardrails, memberships: set.vocab.memberships, self: claims }
        return { offers: set.offers, regime, findings: set.findings, whole: set }
      }
      work += WORK[step.value]
      if (work < WORK_PER_SLICE) continue
      work = 0
      await pause()
    }
  }
}
