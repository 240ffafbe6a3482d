// Runs one command: its result goes to stdout, everything else to stderr, and every failure has its exit code.

import { ProblemError, type Problem } from '../kernel/problem.ts'
import { EXIT, UsageError, type ExitCode, type Io, type Outcome } from './outcome.ts'
import { readCall, type Call } from './usage.ts'

/** Resolves with the exit code; rejects only because of a bug. */
export async function run(words: readonly string[], io: Io): Promise<ExitCode> {
  const wantsJson = words.includes('--json')
  try {
    const call = readCall(words)
    if ('help' in call) {
      io.stdout.write(`${call.help}\n`)
      return EXIT.good
    }
    const command = await call.command.load()
    const outcome = await command(call, { ...io, env: environmentOf(call, io) })
    print(outcome, wantsJson, io)
    return outcome.exit
  } catch (error) {
    const failure = failureOf(error)
    if (failure === null) throw error
    for (const line of failure.lines) io.progress(line)
    if (wantsJson) io.stdout.write(`${JSON.stringify({ error: failure.error })}\n`)
    return failure.exit
  }
}

function environmentOf(call: Call, { env }: Io): Io['env'] {
  const [config, data] = [call.text('config'), call.text('data')]
  return {
    ...env,
    ...(config !== undefined && { LINGQU_CONFIG: config }),
    // The longer name means the same and must not contradict.
    ...(data !== undefined && { LINGQU_DATA: data, LINGQU_DATADIR: undefined }),
  }
}

function print({ json, text, to }: Outcome, wantsJson: boolean, { stdout, progress }: Io): void {
  const result = wantsJson || to === 'stderr' ? JSON.stringify(json) : text
  if (result === '') return
  if (to === 'stderr') progress(result)
  else stdout.write(`${result}\n`)
}

interface Failure {
  readonly exit: ExitCode
  readonly lines: readonly string[]
  readonly error: { readonly code: string; readonly message: string; readonly path: string | null }
}

function failureOf(error: unknown): Failure | null {
  if (error instanceof UsageError) {
    const lines = [`lingqu: ${error.message}`, ...(error.hint === '' ? [] : [error.hint])]
    return { exit: EXIT.usage, lines, error: { code: 'usage', message: error.message, path: null } }
  }
  if (!(error instanceof ProblemError)) return null
  const { code, message, path = null } = error.problem
  return { exit: exitOf(error.problem), lines: sentenceOf(error.problem), error: { code, message, path } }
}

function sentenceOf({ code, message, path }: Problem): readonly string[] {
  return [`lingqu: ${message}`, `        ${code}${path === undefined || path === '' ? '' : ` at ${path}`}`]
}

function exitOf({ code }: Problem): ExitCode {
  return code === 'peer.unreachable' ? EXIT.unreachable : EXIT.bad
}
