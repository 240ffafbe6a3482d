// `lingqu policy status`: which policies are in force and since when, what was refused since, and what was in force before.

import { findingLine } from '../../config/finding.ts'
import { columns } from '../columns.ts'
import { EXIT, type Command } from '../outcome.ts'
import type { GenerationSeen } from '../../domain/generations/seen.ts'
import { readPolicies, type PoliciesHere } from './generations.ts'

/** Exit code 1 where what lies in the folder was refused. */
export const status: Command = async (_invocation, io) => {
  const seen = await readPolicies(io)
  return { exit: seen.degraded ? EXIT.bad : EXIT.good, json: seen, text: told(seen) }
}

export function told(seen: PoliciesHere): string {
  const { generation, digest, since, files, refused, pending, running, generations } = seen
  const head =
    generation === null
      ? ['no policies were in force yet: the first start reads them']
      : [
          `generation ${String(generation)}${backIn(seen)}, in force since ${since ?? ''}`,
          `  digest  ${digest ?? ''}`,
          `  files   ${String(files)}`,
        ]
  return [
    ...head,
    ...(refused === null
      ? []
      : [`DEGRADED: what lies in the folder was refused; mistakes: ${String(refused.mistakes)}`]),
    ...(refused?.findings ?? []).map((finding) => `  ${findingLine(finding)}`),
    ...(pending ? ['the files have changed: the next start reads them'] : []),
    ...(running ? [] : ['the connector does not run']),
    ...(generations.length === 0 ? [] : ['', columns(generations.map(lineOf), '')]),
  ].join('\n')
}

function backIn({ backTo }: PoliciesHere): string {
  return backTo === null ? '' : ` (back to ${String(backTo)}, until the files change)`
}

function lineOf({ generation, state, at, by, files, mistakes, backTo, digest }: GenerationSeen): readonly string[] {
  const what = state === 'refused' ? `${String(mistakes)} mistakes` : `${String(files)} files`
  const back = backTo === null ? '' : `back to ${String(backTo)}`
  return [String(generation), state, at, what, by, digest.slice(0, 'sha-256:'.length + 12), back]
}
