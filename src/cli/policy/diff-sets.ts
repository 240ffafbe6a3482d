// The two sides of a diff: a file, a folder, or a generation that the database keeps; and which policies of them belong together.

import { stat } from 'node:fs/promises'
import { isMistake, findingLine } from '../../config/finding.ts'
import { unpackFiles } from '../../config/policies/generation-content.ts'
import { kindOf } from '../../config/policies/read-file.ts'
import { readPolicyFolder } from '../../config/policies/read-policy-folder.ts'
import type { OfferDefinition } from '../../domain/policy/offer-definition.ts'
import type { Guardrail } from '../../domain/policy/regime.ts'
import type { Memberships } from '../../domain/policy/values.ts'
import { problem, ProblemError } from '../../kernel/problem.ts'
import { keptGeneration } from '../../shell/kept-policies.ts'
import { withStore } from '../ledger.ts'
import { UsageError, type Io } from '../outcome.ts'
import { readSettings } from '../settings.ts'
import { choosePolicies } from './chosen.ts'
import { diffTemplates, type DiffTemplate } from './diff-templates.ts'

export interface DiffSet {
  readonly offers: readonly OfferDefinition[]
  readonly guardrails: readonly Guardrail[]
  readonly templates: readonly DiffTemplate[]
  readonly memberships: Memberships
  readonly language: 'en' | 'zh'
  /** One file that somebody named: it is compared with another whatever the policies in them are called. */
  readonly isFile: boolean
}

/** A number that is no file is a generation. Throws `policy.invalid` with every mistake of the files. */
export async function readDiffSet(word: string, io: Io): Promise<DiffSet> {
  const found = await stat(word).catch(() => null)
  if (found === null && /^[1-9]\d{0,14}$/.test(word)) return readGeneration(Number(word), io)
  if (found === null)
    throw new UsageError(`there is no ${word}`, 'a policy file, a folder with policies, or a generation')
  const [chosen] = await choosePolicies([word], io)
  if (chosen === undefined) throw new UsageError(`there are no policies in ${word}`)
  const { offers, guardrails, set } = chosen
  const templates = diffTemplates(chosen.templates, set)
  if (found.isFile() && offers.length + guardrails.length + templates.length === 0)
    throw new UsageError(`${word} holds no offer, guardrail or template to compare`)
  return {
    offers,
    guardrails,
    templates,
    memberships: set.vocab.memberships,
    language: set.defaults.language,
    isFile: found.isFile(),
  }
}

async function readGeneration(generation: number, io: Io): Promise<DiffSet> {
  const { digest, packed } = await withStore(await readSettings(io), io, (store) =>
    Promise.resolve(keptGeneration(store.reader, generation)),
  )
  const files = await unpackFiles(packed, digest)
  const set = readPolicyFolder(files.filter((file) => kindOf(file) !== 'test'))
  const { offers, guardrails, vocab, defaults } = set
  const mistakes = set.findings.filter(isMistake)
  if (mistakes.length > 0) throw new ProblemError(problem('policy.invalid', mistakes.map(findingLine).join('\n')))
  const templates = diffTemplates(set.templates, set)
  return { offers, guardrails, templates, memberships: vocab.memberships, language: defaults.language, isFile: false }
}

/** Of the same id; of two files with one policy each, those. Null: it is new, or gone. */
export function paired<T extends { readonly id: string }>(
  before: readonly T[],
  after: readonly T[],
  isOfFiles: boolean,
): readonly (readonly [T | null, T | null])[] {
  const [first, second] = [before[0], after[0]]
  const areLone = isOfFiles && before.length === 1 && after.length === 1
  if (areLone && first !== undefined && second !== undefined) return [[first, second]]
  const ids = new Set([...before, ...after].map(({ id }) => id))
  return [...ids].map((id) => [
    before.find((each) => each.id === id) ?? null,
    after.find((each) => each.id === id) ?? null,
  ])
}
