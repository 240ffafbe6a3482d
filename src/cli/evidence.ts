// `lingqu evidence verify`: what the independent verifier says of a log, on this machine or of a copy.

import { dataPaths } from '../config/data-dir.ts'
import { verifyEvidence, type Verdict } from './evidence-verify.ts'
import { EXIT, UsageError, type Command, type Io } from './outcome.ts'
import { readSettings } from './settings.ts'

export const verify: Command = async (invocation, io) => {
  const head = invocation.text('expect-head')
  if (head !== undefined && !/^[0-9a-f]{64}$/i.test(head)) {
    throw new UsageError('--expect-head: expected 64 hexadecimal digits, the hash of an entry')
  }
  const file = invocation.text('file') ?? (await databaseOf(invocation.text('data'), io))
  const verdict = verifyEvidence(file, head === undefined ? {} : { head })
  return { exit: verdict.verified ? EXIT.good : EXIT.bad, json: verdict, text: told(file, verdict) }
}

/** A data directory that is named needs no settings: an auditor has none. */
async function databaseOf(data: string | undefined, io: Io): Promise<string> {
  return (data === undefined ? (await readSettings(io)).paths : dataPaths(data)).database
}

function told(file: string, { verified, entries, head, firstBad, notes }: Verdict): string {
  const lines = [
    `${verified ? 'verified' : 'NOT verified'}: ${file}`,
    `  entries that hold  ${String(entries)}`,
    `  head               ${head}`,
    ...(firstBad === null ? [] : [`  first bad          entry ${String(firstBad.seq)}: ${firstBad.reason}`]),
    ...notes.map((note) => `  note               ${note}`),
  ]
  return lines.join('\n')
}
