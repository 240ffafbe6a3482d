// What a conversion of a policy comes to on the command line: the result on stdout, and what was refused or changed on stderr.

import type { Conversion } from '../../protocol/tc609/conversion.ts'
import { EXIT, UsageError, type Invocation, type Io, type Outcome } from '../outcome.ts'

/** The only profile that policies are converted to and from yet. */
const PROFILE = 'tc609'

export function checkProfile({ text }: Invocation): void {
  const profile = text('profile')
  if (profile === PROFILE) return
  throw new UsageError(`expected --profile ${PROFILE}, ${profile === undefined ? 'and none came' : `got ${profile}`}`)
}

/** With anything refused: exit code 1, and nothing on stdout unless `--partial` asks for what is left. */
export function conversionOutcome(
  { converted, refused, changed }: Conversion<object>,
  { flag }: Invocation,
  { progress }: Pick<Io, 'progress'>,
): Outcome {
  const isWhole = refused.length === 0
  const isGiven = isWhole || flag('partial')
  for (const { path, code, message } of refused) progress(`refused  ${path}  ${code}: ${message}`)
  for (const { path, from, to } of changed) progress(`changed  ${path}  ${from} → ${to ?? 'nothing'}`)
  if (!isWhole) {
    progress(
      isGiven
        ? 'PARTIAL: the rules named above were left out; where they prohibit or oblige, what is left permits more'
        : 'nothing was written: with --partial the other rules are',
    )
  }
  const json = { converted: isGiven ? converted : null, refused, changed }
  return { exit: isWhole ? EXIT.good : EXIT.bad, json, text: isGiven ? JSON.stringify(converted, null, 2) : '' }
}
