// The container engine as functions: docker or podman, whichever is there, or the words of CONTAINER_ENGINE.

import { execFile, execFileSync } from 'node:child_process'

export interface Said {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

const OUTPUT_BYTES_MAX = 64 * 1024 * 1024

/** `podman --runtime runc` and the like; what the variable says comes first. */
function engineWords(): readonly [string, ...string[]] {
  const given = (process.env['CONTAINER_ENGINE'] ?? '').split(' ').filter((word) => word !== '')
  const candidates = given.length > 0 ? [given] : [['docker'], ['podman']]
  for (const [program, ...rest] of candidates) {
    if (program === undefined) continue
    try {
      // `info` fails where the client is there and no daemon is.
      execFileSync(program, [...rest, 'info'], { stdio: 'ignore' })
      return [program, ...rest]
    } catch {
      continue
    }
  }
  throw new Error('neither docker nor podman works here; CONTAINER_ENGINE names another')
}

const [program, ...always] = engineWords()

export const ENGINE = [program, ...always].join(' ')

/** Runs the engine; a failure is a result. */
export function engine(...words: readonly string[]): Promise<Said> {
  return new Promise((resolve) => {
    execFile(program, [...always, ...words], { maxBuffer: OUTPUT_BYTES_MAX }, (error, stdout, stderr) => {
      const exit = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
      resolve({ exit, stdout, stderr })
    })
  })
}

/** Runs the engine and gives what it printed; throws with what it said where it failed. */
export async function must(...words: readonly string[]): Promise<string> {
  const { exit, stdout, stderr } = await engine(...words)
  if (exit === 0) return stdout.trim()
  throw new Error(`${[program, ...always, ...words].join(' ')}: exit code ${String(exit)}\n${stdout}${stderr}`)
}
