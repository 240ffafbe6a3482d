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
  /** `sha-256:…` over all offers in force. */
  digest(): string
  /** Reads the folder again; on any finding everything stays as it was, and the findings come back. */
  reload(by: string): Promise<PolicyFolder['findings']>
}

/** Throws `policy.invalid` with every finding where the folder is not clean: a start with half the offers helps nobody. */
export async function openPolicies({ folder, store, clock, self }: LoadPoliciesOptions): Promise<Policies> {
  const first = readPolicyFolder(await readPolicyFiles(folder))
  if (first.findings.length > 0) {
    throw new ProblemError(problem('policy.invalid', first.findings.map(findingLine).join('\n')))
  }
  let offers = first.offers
  const digest = (): string => digestOf(canonicalJson(offers.map(({ id, digest: rules }) => [id, rules])))

  return {
    definitions: () => offers,
    digest,
    reload: async (by) => {
      const read = readPolicyFolder(await readPolicyFiles(folder))
      const refused = read.findings.length > 0
      const ext = refused
        ? { by, findings: read.findings.slice(0, 20).map(findingLine) }
        : { by, offers: read.offers.length }
      await store.transact(
        () => null,
        () => ({
          write: [
            {
              append: 'evidence',
              entry: { type: refused ? 'policy.rejected' : 'policy.loaded', at: clock(), actor: self, ext },
            },
          ],
          result: null,
        }),
      )
      if (!refused) offers = read.offers
      return read.findings
    },
  }
}
