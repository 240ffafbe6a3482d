// The policy files in force, as one generation: read at the start, read again on request, kept as they are on any error.

import { readPolicyFiles } from '../config/policies/read-policy-files.ts'
import { readPolicyFolder, type PolicyFolder } from '../config/policies/read-policy-folder.ts'
import { findingLine } from '../config/finding.ts'
import type { Store } from '../domain/ledger.ts'
import { canonicalJson } from '../kernel/canonical-json.ts'
import { digestOf } from '../kernel/digest.ts'
import { problem, ProblemError } from '../kernel/problem.ts'
import type { Clock } from '../kernel/time.ts'
import type { ParticipantId } from '../protocol/ids.ts'
import type { Definitions } from './ports.ts'

export interface LoadPoliciesOptions {
  readonly folder: string
  readonly store: Store
  readonly clock: Clock
  readonly self: ParticipantId
}

export interface Policies {
  readonly definitions: Definitions
  /** `sha-256:…` over all files in force. */
  readonly digest: () => string
  /** Reads the folder again; on any finding everything stays as it was, and the findings come back. */
  readonly reload: (by: string) => Promise<PolicyFolder['findings']>
}

/** Throws `policy.invalid` with every finding where the folder is not clean: a start with half the offers helps nobody. */
export async function openPolicies({ folder, store, clock, self }: LoadPoliciesOptions): Promise<Policies> {
  const first = await readGeneration(folder)
  if (first.findings.length > 0) {
    throw new ProblemError(problem('policy.invalid', first.findings.map(findingLine).join('\n')))
  }
  let inForce = first

  return {
    definitions: () => inForce.offers,
    digest: () => inForce.digest,
    reload: async (by) => {
      const read = await readGeneration(folder)
      const isClean = read.findings.length === 0
      const found = isClean ? { offers: read.offers.length } : { findings: read.findings.slice(0, 20).map(findingLine) }
      const entry = {
        type: isClean ? 'policy.loaded' : 'policy.rejected',
        at: clock(),
        actor: self,
        policyDigest: read.digest,
        ext: { by, ...found },
      } as const
      await store.transact(
        () => null,
        () => ({ write: [{ append: 'evidence', entry }], result: null }),
      )
      if (isClean) inForce = read
      return read.findings
    },
  }
}

/** The folder as it is now, and one digest over every byte of it. */
async function readGeneration(folder: string): Promise<PolicyFolder & { readonly digest: string }> {
  const files = await readPolicyFiles(folder)
  const digest = digestOf(canonicalJson(files.map(({ path, text }) => [path, digestOf(text)])))
  return { ...readPolicyFolder(files), digest }
}
