// Findings as SARIF 2.1.0 (OASIS), which code hosts and editors show beside the lines.

import { codeOf } from '../../config/policies/codes.ts'
import { ANALYSIS_CODES, type AnalysisCode } from '../../domain/policy/analysis/findings.ts'
import type { Noted } from './analysed.ts'
import { hintOf, messageOf, type Language } from './excerpt.ts'

export function sarifOf(findings: readonly Noted[], language: Language): object {
  const codes = [...new Set(findings.map(({ code }) => code))].toSorted()
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'lingqu policy check', rules: codes.map(ruleOf) } },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => resultOf(finding, codes, language)),
      },
    ],
  }
}

function ruleOf(code: string): object {
  const known = codeOf(code) ?? (Object.hasOwn(ANALYSIS_CODES, code) ? ANALYSIS_CODES[code as AnalysisCode] : null)
  return {
    id: code,
    ...(known !== null && {
      shortDescription: { text: known.en },
      fullDescription: { text: `${known.en} · ${known.zh}` },
      // What the analysis finds is as grave as its case is.
      ...('severity' in known && { defaultConfiguration: { level: known.severity } }),
    }),
  }
}

function resultOf(finding: Noted, codes: readonly string[], language: Language): object {
  const { file, line, column, code, severity = 'error' } = finding
  const [text, hint] = [messageOf(finding, language), hintOf(finding, language)]
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: severity === 'info' ? 'note' : severity,
    message: { text: hint === undefined ? text : `${text} (${hint})` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(file) },
          ...(line > 0 && { region: { startLine: line, startColumn: Math.max(1, column) } }),
        },
      },
    ],
  }
}

/** A relative reference stays one: it is resolved against the root of the sources. */
function uriOf(file: string): string {
  const path = file.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/')
  return path.startsWith('/') ? `file://${path}` : path
}
