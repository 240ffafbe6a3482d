// `lingqu check`: the settings and the policies as `start` would read them, without opening a port. Finds all mistakes at once.

import { join } from 'node:path'
import { findingLine, isMistake, sortFindings, type Finding } from '../config/finding.ts'
import { loadConfig } from '../config/load.ts'
import { readPolicyFiles } from '../config/policies/read-policy-files.ts'
import { readPolicyFolder } from '../config/policies/read-policy-folder.ts'
import { failedTests } from '../config/policies/try-tests.ts'
import { ProblemError } from '../kernel/problem.ts'
import { EXIT, type Command, type Io } from './outcome.ts'
import { probablePoliciesDir } from './policy/folder.ts'

export const check: Command = async (_invocation, { env }) => {
  const { findings: found, offers } = await findMistakes(env)
  const findings = found.map(({ file, line, column, code, message, hint = null }) => ({
    ...{ file, line, column, code, message, hint },
  }))
  if (found.length > 0) return { exit: EXIT.bad, json: { findings }, text: found.map(findingLine).join('\n') }
  return { exit: EXIT.good, json: { findings }, text: `settings and policies are in order; offers: ${String(offers)}` }
}

/** Every mistake of settings and policies, and how many offers there are. */
export async function findMistakes(
  env: Io['env'],
): Promise<{ readonly findings: readonly Finding[]; readonly offers: number }> {
  const loaded = await loadConfig(env)
  const ofSettings = loaded.ok ? [] : loaded.findings
  const folder = loaded.ok ? loaded.config.policiesDir : await probablePoliciesDir(env)
  const { offers, findings: ofPolicies } = await policiesIn(folder)
  return { findings: [...ofSettings, ...sortFindings(ofPolicies)], offers }
}

async function policiesIn(folder: string): Promise<{ offers: number; findings: readonly Finding[] }> {
  try {
    const set = readPolicyFolder(await readPolicyFiles(folder))
    const { offers, findings } = set
    const mistakes = findings.filter(isMistake)
    return {
      offers: offers.length,
      // What is only a warning is `policy check`'s to say: with it everything starts.
      findings: (mistakes.length > 0 ? mistakes : failedTests(set)).map((finding) => ({
        ...finding,
        file: join(folder, finding.file),
      })),
    }
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    const { code, message } = error.problem
    return { offers: 0, findings: [{ file: folder, line: 0, column: 0, code, message }] }
  }
}
