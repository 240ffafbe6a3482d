// What the analysis says of the policies of one folder, as findings in their files.

import type { Finding } from '../../config/finding.ts'
import { createPlaces } from '../../config/policies/places.ts'
import type { PolicySet } from '../../config/policies/policy-set.ts'
import type { PolicyFile } from '../../config/policies/source.ts'
import { analyseSet } from '../../domain/policy/analysis/analyse.ts'

/** A finding, or only something that is worth knowing. */
export type Noted = Omit<Finding, 'severity'> & { readonly severity?: 'error' | 'warning' | 'info' }

/**
 * Nothing of a set with mistakes: there is nothing in it.
 * @param withNotes also what is only worth knowing, of which there is much
 */
export function analysed(
  { offers, guardrails, vocab }: PolicySet,
  files: readonly PolicyFile[],
  withNotes: boolean,
): readonly Noted[] {
  const fileOf = {
    offer: new Map(offers.map(({ id, file }) => [id as string, file])),
    guardrail: new Map(guardrails.map(({ id, file }) => [id, file])),
  }
  const placeIn = createPlaces(files)
  return analyseSet({ offers, guardrails, memberships: vocab.memberships }).flatMap(
    ({ code, severity, path, message, zh, about }) => {
      // Whether an offer is for everybody is said by whoever reads its file, where `access: []` says that it is.
      if (code === 'broad-party' || (severity === 'info' && !withNotes)) return []
      const { isWhole, ...at } = placeIn(fileOf[about.kind].get(about.id) ?? '', path)
      const where = isWhole ? '' : ` (at ${path} of all its rules together)`
      const zhWhere = isWhole ? '' : `（位于合并后规则的 ${path}）`
      return [{ ...at, code, severity, message: message + where, zh: zh + zhWhere }]
    },
  )
}
