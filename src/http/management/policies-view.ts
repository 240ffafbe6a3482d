// The generations of the policy files as an operator sees them.

import { generationSeen } from '../../domain/generations/seen.ts'
import type { PolicyGenerationRow } from '../../domain/ledger.ts'
import { toIso } from '../../kernel/time.ts'
import type { PoliciesState } from '../../shell/load-policies.ts'

const FINDINGS_SHOWN_MAX = 20

/** @param history newest first */
export function policiesView(state: PoliciesState, history: readonly PolicyGenerationRow[]): object {
  const { generation, digest, loadedAt, files, offers, backTo, refused } = state
  return {
    generation,
    digest,
    since: toIso(loadedAt),
    files,
    offers,
    backTo,
    degraded: refused !== null,
    refused:
      refused === null
        ? null
        : {
            at: toIso(refused.at),
            digest: refused.digest,
            mistakes: refused.findings.length,
            findings: refused.findings.slice(0, FINDINGS_SHOWN_MAX),
          },
    generations: history.map(generationSeen),
  }
}
