// Runs one command: its result goes to stdout, everything else to stderr, and every failure has its exit code.

import { forTerminal, jsonForTerminal } from '../kernel/plain-text.ts'
import { problem, ProblemError, type Problem } from '../kernel/problem.ts'
import { EXIT, UsageError, type ExitCode, type Io, type Outcome } from './outcome.ts'
import { readCall, type Call } from './usage.ts'

/** Resolves with the exit code; rejects only because of a bug. */
export async function run(words: readonly string[], given: Io): Promise<ExitCode> {
  const io = plain(given)
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
    if (wantsJson) io.stdout.write(`${jsonForTerminal(JSON.stringify({ error: failure.error }))}\n`)
    return failure.exit
  }
}

/** Lines for people name what others call themselves and say: what follows a line feed in them begins no line of ours. */
function plain(io: Io): Io {
  return {
    ...io,
    progress: (line) => {
      io.progress(forTerminal(line).replaceAll('\n', '\n        '))
    },
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
  const result = wantsJson || to === 'stderr' ? jsonForTerminal(JSON.stringify(json)) : forTerminal(text)
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
  const found = error instanceof ProblemError ? error.problem : ofTheSystem(error)
  if (found === null) return null
  const { code, message, path = null } = found
  return { exit: exitOf(found), lines: sentenceOf(found), error: { code, message, path } }
}

/** What the file system or the database says of a place that a person named is no bug; null for what else was thrown. */
function ofTheSystem(error: unknown): Problem | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null
  const isSystem = 'syscall' in error || error.name === 'SqliteError'
  return isSystem ? problem('store.unavailable', error.message) : null
}

function sentenceOf({ code, message, path }: Problem): readonly string[] {
  return [`lingqu: ${message}`, `        ${code}${path === undefined || path === '' ? '' : ` at ${path}`}`]
}

function exitOf({ code }: Problem): ExitCode {
  return code === 'peer.unreachable' ? EXIT.unreachable : EXIT.bad
}
