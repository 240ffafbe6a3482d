// Policies from the wire or from a file into one form: short names, arrays, plain values. Says nothing yet about what they mean.

import { bad, good, type Problem, type Result } from '../../kernel/problem.ts'
import type { AgreementId, DatasetId, OfferId, ParticipantId } from '../ids.ts'
import { complain, listOf, membersOf, shown, textOf, type Members } from './json-ld.ts'
import { parseInstant } from './lexical.ts'
import { member } from './path.ts'
import { begin, present, readConstraints, readRuleList } from './read-rules.ts'
import type { Agreement, Conflict, Constraint, MessageOffer, Offer, Rules } from './types.ts'
import { odrlLocalName } from './vocabulary.ts'

/**
 * What was read and everything that is wrong with it: the value counts only if there are no problems. It is null where a
 * part could not be read at all, so that the places in a value that is there are those of the text.
 */
export interface Collected<T> {
  readonly value: T | null
  readonly problems: readonly Problem[]
}

const POLICY_KEYS = [
  'profile',
  'conflict',
  'permission',
  'prohibition',
  'obligation',
  'target',
  'assigner',
  'assignee',
  'timestamp',
]

/**
 * The rules of a policy. Refuses (`policy.invalid`) what is not a policy, has neither permission nor prohibition or is over
 * a limit, and (`policy.not-understood`) ODRL that would be lost here: assets and parties of a rule's own, inheritance.
 */
export function readRules(raw: unknown, path = ''): Result<Rules> {
  return settled(collectRules(raw, path))
}

/** An Offer of a catalogue (DSP 2025-1, catalog protocol). */
export function readOffer(raw: unknown, path = ''): Result<Offer> {
  return settled(
    collect(raw, path, (policy, problems, rules) => {
      const id = textOf(policy.get('@id'), 'an id', member(path, '@id'), problems)
      if (policy.has('@type')) readType(policy, 'Offer', path, problems)
      return id === null
        ? null
        : { '@id': id as OfferId, '@type': 'Offer', ...readParties(policy, path, problems), ...rules }
    }),
  )
}

/** An Offer of a ContractRequestMessage or ContractOfferMessage: it names its dataset. */
export function readMessageOffer(raw: unknown, path = ''): Result<MessageOffer> {
  return settled(collectMessageOffer(raw, path))
}

/** The Agreement of a ContractAgreementMessage: both parties, the dataset, and since when. */
export function readAgreement(raw: unknown, path = ''): Result<Agreement> {
  return settled(
    collect(raw, path, (policy, problems, rules) => {
      const text = (key: string) => textOf(policy.get(key), 'a string', member(path, key), problems)
      readType(policy, 'Agreement', path, problems)
      const [id, target, assigner, assignee] = [text('@id'), text('target'), text('assigner'), text('assignee')]
      const timestamp = text('timestamp')
      if (timestamp !== null && parseInstant(timestamp) === null) {
        const message = `expected an xsd:dateTime with a zone, came ${shown(timestamp)}`
        complain(problems, 'policy.invalid', message, member(path, 'timestamp'))
      }
      if (id === null || target === null || assigner === null || assignee === null || timestamp === null) return null
      return {
        '@id': id as AgreementId,
        '@type': 'Agreement',
        target: target as DatasetId,
        assigner: assigner as ParticipantId,
        assignee: assignee as ParticipantId,
        timestamp,
        ...rules,
      }
    }),
  )
}

/** Like `readRules`, with every problem instead of the first. */
export function collectRules(raw: unknown, path = ''): Collected<Rules> {
  return collect(raw, path, (_policy, _problems, rules) => rules)
}

/** Like `readMessageOffer`, with every problem instead of the first. */
export function collectMessageOffer(raw: unknown, path = ''): Collected<MessageOffer> {
  return collect(raw, path, (policy, problems, rules) => {
    readType(policy, 'Offer', path, problems)
    const id = textOf(policy.get('@id'), 'an id', member(path, '@id'), problems)
    const target = textOf(policy.get('target'), 'the id of a dataset', member(path, 'target'), problems)
    if (id === null || target === null) return null
    const parties = readParties(policy, path, problems)
    return { '@id': id as OfferId, '@type': 'Offer', target: target as DatasetId, ...parties, ...rules }
  })
}

/** A list of constraints that stands alone (the `access` of an offer file). */
export function collectConstraints(raw: unknown, path = ''): Collected<readonly Constraint[]> {
  const problems: Problem[] = []
  const reading = begin(new Map(), problems)
  const value = readConstraints(raw, path, 0, reading)
  return { value: reading.isWhole ? value : null, problems }
}

function settled<T>({ value, problems: [first] }: Collected<T>): Result<T> {
  if (first !== undefined) return { ok: false, problem: first }
  // Every reader that gives null has complained. Were there one that has not, its policy must not pass for one without rules.
  return value === null ? bad('policy.invalid', 'a part of this policy cannot be read') : good(value)
}

function collect<T>(
  raw: unknown,
  path: string,
  finish: (policy: Members, problems: Problem[], rules: Rules) => T | null,
): Collected<T> {
  const problems: Problem[] = []
  const policy = membersOf(raw, 'a policy', POLICY_KEYS, path, problems)
  if (policy === null) return { value: null, problems }

  const reading = begin(policy, problems)
  const rules = {
    ...present('profile', readProfile(policy, path, problems)),
    ...readConflict(policy, path, problems),
    ...present('permission', readRuleList('permission', path, policy, reading)),
    ...present('prohibition', readRuleList('prohibition', path, policy, reading)),
    ...present('obligation', readRuleList('obligation', path, policy, reading)),
  }
  if (problems.length === 0 && rules.permission === undefined && rules.prohibition === undefined) {
    complain(problems, 'policy.invalid', 'a policy needs at least one permission or prohibition', path)
  }
  const value = finish(policy, problems, rules)
  return { value: reading.isWhole ? value : null, problems }
}

const CONFLICTS: readonly Conflict[] = ['perm', 'prohibit', 'invalid']

function readType(policy: Members, expected: string, path: string, problems: Problem[]): void {
  const at = member(path, '@type')
  const type = textOf(policy.get('@type'), `the type ${expected}`, at, problems)
  const short = type?.replace(/^(?:odrl:|http:\/\/www\.w3\.org\/ns\/odrl\/2\/)/, '')
  if (short !== undefined && short !== expected) {
    complain(problems, 'policy.invalid', `expected the type ${expected}, came ${shown(type)}`, at)
  }
}

function readParties(policy: Members, path: string, problems: Problem[]): Pick<Offer, 'assigner' | 'assignee'> {
  const parties: { assigner?: ParticipantId; assignee?: ParticipantId } = {}
  for (const key of ['assigner', 'assignee'] as const) {
    if (!policy.has(key)) continue
    const party = textOf(policy.get(key), 'a participant id', member(path, key), problems)
    if (party !== null) parties[key] = party as ParticipantId
  }
  return parties
}

function readProfile(policy: Members, path: string, problems: Problem[]): readonly string[] {
  const at = member(path, 'profile')
  return listOf(policy.get('profile')).flatMap((raw) => textOf(raw, 'the IRI of a profile', at, problems) ?? [])
}

/** How a permission and a prohibition that meet are settled (ODRL IM 2.2, 2.10). */
function readConflict(policy: Members, path: string, problems: Problem[]): Pick<Rules, 'conflict'> {
  if (!policy.has('conflict')) return {}
  const at = member(path, 'conflict')
  const text = textOf(policy.get('conflict'), 'a conflict strategy', at, problems)
  const conflict = CONFLICTS.find((known) => text !== null && (odrlLocalName(text) ?? text) === known)
  if (conflict !== undefined) return { conflict }
  if (text !== null)
    complain(problems, 'policy.not-understood', `expected ${CONFLICTS.join(', ')}, came ${shown(text)}`, at)
  return {}
}
