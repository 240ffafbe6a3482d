// What a row of the tables of commands holds, and how one is written on one line.

import type { Command } from './outcome.ts'

export interface Option {
  /** What stands behind it in the help; without, it is a switch. */
  readonly value?: string
  readonly multiple?: boolean
  readonly summary: string
}

export interface CommandRow {
  readonly name: string
  /** All of them are needed, unless the last ends in `…`: then any number may stand there, also none. */
  readonly positionals: readonly string[]
  readonly options: Readonly<Record<string, Option>>
  readonly summary: string
  readonly load: () => Promise<Command>
}

export function row(
  name: string,
  positionals: readonly string[],
  options: CommandRow['options'],
  summary: string,
  load: CommandRow['load'],
): CommandRow {
  return { name, positionals, options, summary, load }
}
