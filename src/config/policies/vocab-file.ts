// The vocabulary files: purposes, regions, groups, credentials, events, and what follows from them about what belongs to what.

import { parsePlace } from '../../protocol/odrl/places.ts'
import { parseInstant } from '../../protocol/odrl/lexical.ts'
import type { Memberships } from '../../domain/policy/values.ts'
import { findingAt } from './codes.ts'
import { hasForm } from './form.ts'
import { isPlace } from './parameter-types.ts'
import { NO_VOCAB, type Region, type Vocab } from './policy-set.ts'
import type { Texts } from './texts.ts'
import type { Report } from './report.ts'
import type { Source } from './source.ts'

/** The names that a file below `vocab/` may have; each is also the key of what it holds. */
export const VOCAB_KINDS = ['purposes', 'regions', 'groups', 'credentials', 'events'] as const
export type VocabKind = (typeof VOCAB_KINDS)[number]

/** What one of the files says. */
export type VocabPart = Partial<Omit<Vocab, 'memberships'>>

/** Null after a complaint. */
export function readVocabFile(kind: VocabKind, source: Source, file: string, report: Report): VocabPart | null {
  if (!hasForm(kind, source, file, report)) return null
  const { [kind]: entries } = source.value as Readonly<Record<VocabKind, Entries>>
  const complain = (name: string, key: string, message: string): void => {
    const { line, column } = source.spotAt([kind, name, key])
    report.add(findingAt({ file, line, column }, 'form', message))
  }
  // prettier-ignore
  switch (kind) {
    case 'purposes':    return { purposes:    each(entries, ({ title, broader }) => ({ title: title ?? {}, broader: broader ?? [] })) }
    case 'groups':      return { groups:      each(entries, ({ title, members }) => ({ title: title ?? {}, members: members ?? [] })) }
    case 'credentials': return { credentials: each(entries, ({ title, type, claim }) => ({ title: title ?? {}, type: type ?? '', claim: claim ?? null })) }
    case 'regions':     return { regions:     each(entries, (entry, name) => readRegion(entry, name, entries, complain)) }
    case 'events':      return { events:      each(entries, (entry, name) => readEvent(entry, name, complain)) }
  }
}

/** What any of the kinds may say of one name; the schema has checked which. */
interface Entry {
  readonly title?: Texts
  readonly broader?: readonly string[]
  readonly members?: readonly string[]
  readonly within?: string
  readonly gbt2260?: string
  readonly type?: string
  readonly claim?: string
  readonly at?: string
}
type Entries = Readonly<Record<string, Entry>>
type ComplainOf = (name: string, key: string, message: string) => void

function each<T>(entries: Entries, read: (entry: Entry, name: string) => T): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, read(entry, name)]))
}

function readRegion(
  { title, within, gbt2260, members }: Entry,
  name: string,
  all: Entries,
  complain: ComplainOf,
): Region {
  const isKnown = (place: string): boolean => isPlace(place) || Object.hasOwn(all, place)
  if (within !== undefined && !isKnown(within)) complain(name, 'within', `\`${within}\` is no place that is known`)
  for (const place of members ?? []) {
    if (!isKnown(place)) complain(name, 'members', `\`${place}\` is no place that is known`)
  }
  if (gbt2260 !== undefined && parsePlace(gbt2260) !== parsePlace(name)) {
    complain(name, 'gbt2260', `${gbt2260} is not the code of ${name}`)
  }
  if (!isPlace(name) && (members ?? []).length === 0)
    complain(name, 'members', `only ${name} itself knows what it is: name its members`)
  return { title: title ?? {}, within: within ?? null, members: members ?? [], gbt2260: gbt2260 ?? null }
}

function readEvent({ title, at }: Entry, name: string, complain: ComplainOf): Vocab['events'][string] {
  const instant = at === undefined ? null : parseInstant(at)
  if (at !== undefined && instant === null) complain(name, 'at', `expected a date and time with a zone, came ${at}`)
  return { title: title ?? {}, at: instant }
}

/** All parts as one vocabulary, with what belongs to what by one step. */
export function vocabOf(parts: readonly VocabPart[]): Vocab {
  const vocab = Object.assign({ ...NO_VOCAB }, ...parts) as Vocab
  return { ...vocab, memberships: membershipsOf(vocab) }
}

function membershipsOf({ purposes, regions, groups }: Vocab): Memberships {
  const steps = new Map<string, Set<string>>()
  const belongs = (thing: string, whole: string): void => {
    const wholes = steps.get(thing) ?? new Set()
    if (thing !== whole) steps.set(thing, wholes.add(whole))
  }
  for (const [name, { broader }] of Object.entries(purposes)) {
    // A purpose that is in the list is known for what it is, also where nothing is broader.
    if (!steps.has(name)) steps.set(name, new Set())
    broader.forEach((whole) => belongs(name, whole))
  }
  for (const [name, { members }] of Object.entries(groups)) members.forEach((member) => belongs(member, name))
  for (const [name, { within, members }] of Object.entries(regions)) {
    if (within !== null) belongs(placeOf(name), placeOf(within))
    members.forEach((member) => belongs(placeOf(member), placeOf(name)))
  }
  return Object.fromEntries([...steps].map(([thing, wholes]) => [thing, [...wholes]]))
}

/** In the spelling in which places are compared. */
function placeOf(name: string): string {
  return parsePlace(name) ?? name
}
