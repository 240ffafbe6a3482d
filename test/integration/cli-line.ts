// One command line in this process, with what it printed.

import { randomBytes } from 'node:crypto'
import { Writable } from 'node:stream'
import { run } from '../../src/cli/run.ts'
import { instant } from '../../src/kernel/time.ts'

export interface Line {
  readonly exit: number
  readonly stdout: Buffer
  readonly stderr: string
  /** The object that `--json` printed. */
  readonly json: () => Readonly<Record<string, unknown>>
}

/** `env` stands for the whole environment: what the machine that tests has set must not count. */
export async function lingqu(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Line> {
  const pieces: Buffer[] = []
  const lines: string[] = []
  const stdout = new Writable({
    write: (piece: Buffer, _encoding, written) => {
      pieces.push(piece)
      written()
    },
  })
  const exit = await run(words, {
    env,
    stdout,
    progress: (line) => lines.push(line),
    clock: () => instant(Date.now()),
    randomBytes: (bytes) => randomBytes(bytes),
    nowMs: () => 0,
    stopped: new AbortController().signal,
  })
  const printed = Buffer.concat(pieces)
  const json = (): Line['json'] extends () => infer Out ? Out : never =>
    JSON.parse(printed.toString()) as Readonly<Record<string, unknown>>
  return { exit, stdout: printed, stderr: lines.join('\n'), json }
}
