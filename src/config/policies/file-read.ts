// What one policy file says, read with the vocabulary, defaults and templates of its folder; other offers it may only name yet.

import type { OfferDefinition } from '../../domain/policy/offer-definition.ts'
import type { Guardrail } from '../../domain/policy/regime.ts'
import type { Finding } from '../finding.ts'
import type { At } from './codes.ts'
import type { Context } from './context.ts'
import type { Defaults, LaterFinding, OfferMetadata, PolicyTests, Template } from './policy-set.ts'
import type { VocabPart } from './vocab-file.ts'

export interface FileRead {
  readonly file: string
  /** By which others name what it holds, also where it has mistakes; null where it has none. */
  readonly id: string | null
  readonly findings: readonly Finding[]
  readonly later: readonly LaterFinding[]
  /** Null where a mistake leaves nothing to go on with. */
  readonly content: Content | null
  /** What it was read with: with something else it may say something else. */
  readonly print: string
  readonly template: { readonly id: string; readonly found: FoundTemplate } | null
}

/** `broken`: it has mistakes, which are told where it stands. Undefined: there is none. */
export type FoundTemplate = Template | 'broken' | undefined

export type Content =
  | { readonly kind: 'offer'; readonly at: At; readonly draft: OfferDraft }
  | { readonly kind: 'guardrail'; readonly at: At; readonly guardrail: Guardrail }
  | { readonly kind: 'template'; readonly at: At; readonly template: Template }
  | { readonly kind: 'test'; readonly at: At; readonly tests: PolicyTests }
  | { readonly kind: 'vocab'; readonly part: VocabPart }
  | { readonly kind: 'defaults'; readonly defaults: Defaults }

export type ContentOf<K extends Content['kind']> = Extract<Content, { readonly kind: K }>

/** An offer whose rules are complete but for those that it inherits. */
export interface OfferDraft {
  readonly definition: OfferDefinition
  readonly metadata: OfferMetadata | null
  readonly parents: readonly { readonly id: string; readonly at: At }[]
}

export function findTemplate(id: string, { templates, broken }: Context): FoundTemplate {
  return templates.get(id) ?? (broken?.has(id) === true ? 'broken' : undefined)
}

/** Whether reading it again would give the same. */
export function isCurrent({ print, template }: FileRead, context: Context): boolean {
  return print === context.print && (template === null || findTemplate(template.id, context) === template.found)
}
