// The offers, guardrails and templates that a command is about: by the files that were named, read with the rest of their folder.

import { join } from 'node:path'
import { findingLine, isMistake } from '../../config/finding.ts'
import { kindOf } from '../../config/policies/read-file.ts'
import { readPolicyFolder } from '../../config/policies/read-policy-folder.ts'
import type { PolicySet, Template, Vocab } from '../../config/policies/policy-set.ts'
import type { OfferDefinition } from '../../domain/policy/offer-definition.ts'
import type { Guardrail } from '../../domain/policy/regime.ts'
import { LANGUAGES, type Language } from '../../domain/policy/render/language.ts'
import type { Speech } from '../../domain/policy/render/value-words.ts'
import { problem, ProblemError } from '../../kernel/problem.ts'
import { UsageError, type Invocation, type Io } from '../outcome.ts'
import { selectPolicies } from './folder.ts'

export interface Chosen {
  /** The policies folder, for the names of files. */
  readonly root: string
  readonly set: PolicySet
  /** Those that were asked about. */
  readonly offers: readonly OfferDefinition[]
  readonly guardrails: readonly Guardrail[]
  readonly templates: readonly Template[]
}

/** Throws `policy.invalid` with every mistake of the files: half of a folder is not what is meant. Tests do not matter here. */
export async function choosePolicies(paths: readonly string[], { env }: Pick<Io, 'env'>): Promise<readonly Chosen[]> {
  const selections = await selectPolicies(paths, env)
  const chosen = selections.map(({ root, files, isAsked }) => {
    const set = readPolicyFolder(files.filter((file) => kindOf(file) !== 'test'))
    const asked = <T extends { readonly file: string }>(list: readonly T[]): readonly T[] =>
      list.filter(({ file }) => isAsked(file))
    return {
      root,
      set,
      offers: asked(set.offers),
      guardrails: asked(set.guardrails),
      templates: asked(set.templates),
    }
  })
  const mistakes = chosen.flatMap(({ root, set }) =>
    set.findings.filter(isMistake).map((finding) => findingLine({ ...finding, file: join(root, finding.file) })),
  )
  if (mistakes.length > 0) throw new ProblemError(problem('policy.invalid', mistakes.join('\n')))
  return chosen
}

/** Null where it is for the files to say. */
export function languagesOf({ text }: Pick<Invocation, 'text'>): readonly Language[] | null {
  const lang = text('lang')
  if (lang === undefined) return null
  if (lang === 'both') return LANGUAGES
  const language = LANGUAGES.find((each) => each === lang)
  if (language === undefined) throw new UsageError(`expected --lang zh, en or both, got ${lang}`)
  return [language]
}

/** With the titles that the vocabulary of a folder gives to its purposes, regions and groups. */
export function speechOf(language: Language, { purposes, regions, groups }: Vocab, timeZone?: string): Speech {
  const nameOf = (term: string): string | null => {
    for (const terms of [purposes, regions, groups]) {
      const title = Object.hasOwn(terms, term) ? terms[term]?.title : undefined
      if (title !== undefined) return title[language] ?? null
    }
    return null
  }
  return { language, nameOf, ...(timeZone !== undefined && { timeZone }) }
}
