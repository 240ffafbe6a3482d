// All policy files into one generation of offers: every mistake of every file at once, or every offer.

import type { OfferDefinition } from '../../domain/policy/offer-definition.ts'
import { sortFindings, type Finding } from '../finding.ts'
import { readOfferFile, type OfferFile } from './offer-file.ts'
import type { PolicyFile } from './source.ts'

export interface PolicyFolder {
  /** Empty if there is any finding: half of the offers, or all without a rule that was meant, is not what was meant. */
  readonly offers: readonly OfferDefinition[]
  readonly findings: readonly Finding[]
}

/** What the folder will hold beside offers. A file there was meant to do something, and nothing is done with it yet. */
const NOT_SUPPORTED = /^(?:vocab|templates|guardrails|tests)\/|^defaults\.ya?ml$/

/** Whether this file should hold an offer. */
export function isOfferFile({ path }: PolicyFile): boolean {
  return !NOT_SUPPORTED.test(path)
}

/**
 * Pure: the files come from `readPolicyFiles`. The offers are in the order of their paths.
 * @param read gives what is in one file; another one than `readOfferFile` where it was read before
 */
export function readPolicyFolder(
  files: readonly PolicyFile[],
  read: (file: PolicyFile) => OfferFile = readOfferFile,
): PolicyFolder {
  const offers: OfferDefinition[] = []
  const findings: Finding[] = []
  const firstUse = new Map<string, string>()
  for (const file of files.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))) {
    if (!isOfferFile(file)) {
      const message = 'only offers are supported yet; this file would be without effect'
      findings.push({ file: file.path, line: 1, column: 1, code: 'policy.not-understood', message })
      continue
    }
    const { definition, findings: mistakes, spot } = read(file)
    findings.push(...mistakes)
    if (definition === null) continue

    const { line, column } = spot
    const first = firstUse.get(definition.id)
    if (first !== undefined) {
      const message = `the offer \`${definition.id}\` stands in ${first} already`
      findings.push({ file: file.path, line, column, code: 'policy.invalid', message })
    }
    firstUse.set(definition.id, first ?? `${file.path}:${String(line)}`)
    offers.push(definition)
  }
  return findings.length === 0 ? { offers, findings } : { offers: [], findings: sortFindings(findings) }
}
