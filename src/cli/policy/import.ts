// `lingqu policy import --profile tc609 FILE`: a contract policy of the Chinese digital contract as an offer file. What is written
// is JSON, which is YAML too: `policy fmt` puts it into the usual form.

import { POLICY_FILE_CHARS_MAX } from '../../config/policies/source.ts'
import { compilePolicyFully } from '../../domain/policy/compile.ts'
import { dutyTiming } from '../../domain/policy/duties.ts'
import { orThrow, problem, ProblemError } from '../../kernel/problem.ts'
import { parseRawJson } from '../../protocol/raw-json.ts'
import { importTc609, type Imported } from '../../protocol/tc609/import.ts'
import type { Command } from '../outcome.ts'
import { checkProfile, conversionOutcome } from './conversion-outcome.ts'
import { houseRules } from './house-rules.ts'
import { bytesOf } from './named-file.ts'

const DEPTH_MAX = 16

export const importPolicy: Command = async (invocation, io) => {
  checkProfile(invocation)
  const [file = ''] = invocation.positionals
  const bytes = await bytesOf(file)
  if (bytes.length > POLICY_FILE_CHARS_MAX) {
    const message = `a policy file has at most ${String(POLICY_FILE_CHARS_MAX)} characters, ${file} has ${String(bytes.length)} bytes`
    throw new ProblemError(problem('policy.invalid', message))
  }
  const { converted, ...report } = importTc609(orThrow(parseRawJson(bytes, { depthMax: DEPTH_MAX })), {
    isPrecondition: (action) => dutyTiming(action) !== 'after',
    judge: (rules) => compilePolicyFully(rules).problems,
  })
  const datasets = invocation.texts('dataset')
  const outcome = conversionOutcome({ ...report, converted: offerOf(converted, datasets) }, invocation, io)
  if (outcome.text !== '' && datasets.length === 0)
    io.progress('no datasets are named: an offer file needs some (--dataset ID)')
  return outcome
}

function offerOf({ id, title, description, rules }: Imported, datasets: readonly string[]): object {
  return {
    ...(id !== null && { offer: id }),
    ...(Object.keys(title).length > 0 && { title }),
    ...(Object.keys(description).length > 0 && { description }),
    ...(datasets.length > 0 && { datasets }),
    ...houseRules(rules),
  }
}
