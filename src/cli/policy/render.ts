// `lingqu policy render`: policies in sentences, in Chinese and English, as text, Markdown or HTML.

import { join } from 'node:path'
import type { DatasetSelector, OfferDefinition } from '../../domain/policy/offer-definition.ts'
import type { Guardrail } from '../../domain/policy/regime.ts'
import type { Language } from '../../domain/policy/render/language.ts'
import { printDocument, type DocumentFormat } from '../../domain/policy/render/print-document.ts'
import { renderPolicy, type PolicyDocument, type Renderable } from '../../domain/policy/render/render-policy.ts'
import { isTimeZone } from '../../domain/policy/render/value-words.ts'
import { writtenConstraint, writtenRules } from '../../domain/policy/written.ts'
import { done, UsageError, type Command, type Invocation } from '../outcome.ts'
import { choosePolicies, languagesOf, speechOf, type Chosen } from './chosen.ts'
import { templateRules } from './template-rules.ts'

interface Rendered {
  readonly file: string
  readonly kind: 'offer' | 'guardrail' | 'template'
  readonly language: Language
  readonly document: PolicyDocument
}

export const render: Command = async (invocation, io) => {
  const [format, timeZone, given] = [formatOf(invocation), invocation.text('timezone'), languagesOf(invocation)]
  if (timeZone !== undefined && !isTimeZone(timeZone))
    throw new UsageError(`there is no time zone ${timeZone}`, 'for example Asia/Shanghai')
  const chosen = await choosePolicies(invocation.positionals, io)
  const rendered = chosen.flatMap((each) => renderAll(each, given ?? [each.set.defaults.language], timeZone))
  const json = { documents: rendered.map(({ document, ...about }) => ({ ...about, ...document })) }
  const texts = rendered.map(({ document, language }) => printDocument(document, language, format))
  return done(json, format === 'html' ? page(texts) : texts.join(format === 'md' ? '\n\n' : '\n\n\n'))
}

function formatOf({ flag }: Invocation): DocumentFormat {
  if (flag('md') && flag('html')) throw new UsageError('--md and --html are two formats: take one')
  return flag('md') ? 'md' : flag('html') ? 'html' : 'text'
}

/** Each policy in each language, the policies in the order of their files. */
function renderAll(
  { root, set, offers, guardrails, templates }: Chosen,
  languages: readonly Language[],
  timeZone: string | undefined,
): readonly Rendered[] {
  const subjects = [
    ...offers.map((offer) => ({ kind: 'offer', file: offer.file, of: () => offerAbout(offer) }) as const),
    ...guardrails.map((rail) => ({ kind: 'guardrail', file: rail.file, of: () => guardrailAbout(rail) }) as const),
    ...templates.map((template) => {
      const of = (language: Language): Renderable => {
        const { id, title } = template
        const rules = templateRules(template, language)
        return { id, title, datasets: [], parties: null, partiesPath: 'access', rules }
      }
      return { kind: 'template', file: template.file, of } as const
    }),
  ].toSorted((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0))
  return subjects.flatMap(({ kind, file, of }) =>
    languages.map((language) => {
      const document = renderPolicy(of(language), speechOf(language, set.vocab, timeZone))
      return { file: join(root, file), kind, language, document }
    }),
  )
}

function offerAbout({ id, title, datasets, access, rules }: OfferDefinition): Renderable {
  const parties = access.map(writtenConstraint)
  return { id, title, datasets: datasets.map(selectorText), parties, partiesPath: 'access', rules }
}

function guardrailAbout({ id, title, datasets, parties, policy }: Guardrail): Renderable {
  return {
    ...{ id, title, datasets: datasets.map(selectorText) },
    parties: parties.map(writtenConstraint),
    partiesPath: 'parties',
    rules: writtenRules(policy),
  }
}

function selectorText(selector: DatasetSelector): string {
  // prettier-ignore
  switch (selector.kind) {
    case 'id':       return selector.id
    case 'glob':     return selector.pattern
    case 'property': return `${selector.property} = ${String(selector.value)}`
  }
}

function page(articles: readonly string[]): string {
  return ['<!doctype html>', '<meta charset="utf-8">', '<title>Lingqu</title>', ...articles].join('\n')
}
