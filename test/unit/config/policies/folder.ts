// A policies folder in memory: what its files say together, and its findings on a line each.

import { isMistake, type Finding } from '../../../../src/config/finding.ts'
import type { PolicySet } from '../../../../src/config/policies/policy-set.ts'
import { readPolicyFolder } from '../../../../src/config/policies/read-policy-folder.ts'

/** The smallest offer; what follows continues its one permission. */
export const OFFER = `offer: a
title: { en: A, zh: 甲 }
datasets: [d]
access: []
permission:
  - action: use
`

export function readAll(files: Readonly<Record<string, string>>): PolicySet {
  return readPolicyFolder(Object.entries(files).map(([path, text]) => ({ path, text })))
}

/** `offers/a.yaml:6:9 value-type`, without what only says that tests are missing. */
export function told(findings: readonly Finding[]): readonly string[] {
  return findings
    .filter(({ code }) => code !== 'missing-test')
    .map(({ file, line, column, code }) => `${file}:${String(line)}:${String(column)} ${code}`)
}

export function mistakes({ findings }: Pick<PolicySet, 'findings'>): readonly string[] {
  return told(findings.filter(isMistake))
}
