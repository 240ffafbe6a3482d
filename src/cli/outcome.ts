// What a command is: what it is given, what it gives back, and which exit code that is.

import type { Writable } from 'node:stream'
import type { Environment } from '../config/environment.ts'
import type { Clock } from '../kernel/time.ts'

// prettier-ignore
export const EXIT = {
  good:        0,
  /** Refused, failed, or something was found. */
  bad:         1,
  usage:       2,
  /** The peer or the connector cannot be reached. */
  unreachable: 3,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** What a command may touch beside files and the network; given by `main`, so that a test can give its own. */
export interface Io {
  /** The environment with `--config` and `--data` put over it. */
  readonly env: Environment
  readonly stdout: Writable
  /** One line on stderr, for people who wait. */
  readonly progress: (line: string) => void
  /** What time it is. */
  readonly clock: Clock
  /** For secrets and ids. */
  readonly randomBytes: (bytes: number) => Uint8Array
  /** Milliseconds from some fixed moment on, for measuring. */
  readonly nowMs: () => number
  /** Aborted when the process is asked to stop. */
  readonly stopped: AbortSignal
}

/** The words of the command line after the command, checked against its row in the table. */
export interface Invocation {
  readonly positionals: readonly string[]
  readonly text: (option: string) => string | undefined
  readonly texts: (option: string) => readonly string[]
  readonly flag: (option: string) => boolean
}

/** `json` is what `--json` prints, `text` what a person reads; one of the two is printed when the command is done. */
export interface Outcome {
  readonly exit: ExitCode
  readonly json: object
  readonly text: string
  /** Where the result goes when stdout carries data. */
  readonly to?: 'stderr'
}

/** Throws a UsageError, or a ProblemError with what went wrong. */
export type Command = (invocation: Invocation, io: Io) => Promise<Outcome>

export function done(json: object, text: string): Outcome {
  return { exit: EXIT.good, json, text }
}

/** The command line cannot be understood: exit code 2. `hint` is a line that helps. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly hint: string

  constructor(message: string, hint = '') {
    super(message)
    this.hint = hint
  }
}
