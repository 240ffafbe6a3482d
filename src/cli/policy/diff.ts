// `lingqu policy diff A B`: what two states of the policies permit differently, each difference with a request that shows it.

import type { AgreementRow } from '../../domain/ledger.ts'
import { canonicalJson } from '../../kernel/canonical-json.ts'
import {
  diffConstraints,
  diffPolicies,
  type PolicyDiff,
  type Shown,
  type Version,
} from '../../domain/policy/analysis/diff.ts'
import type { DatasetSelector, OfferDefinition } from '../../domain/policy/offer-definition.ts'
import type { Guardrail } from '../../domain/policy/regime.ts'
import type { Memberships } from '../../domain/policy/values.ts'
import { writtenRules } from '../../domain/policy/written.ts'
import { withStore } from '../ledger.ts'
import { EXIT, type Command, type Io } from '../outcome.ts'
import { readSettings } from '../settings.ts'
import { languageOf } from './check.ts'
import { paired, readDiffSet, type DiffSet } from './diff-sets.ts'
import { parameterChanges, type DiffTemplate } from './diff-templates.ts'
import type { AffectedOffer, DiffReport, PolicyEntry } from './diff-report.ts'
import { diffText } from './diff-text.ts'

const PAGE = 500

/** Exit code 1 where something is permitted or written differently. */
export const diff: Command = async (invocation, io) => {
  const [a = '', b = ''] = invocation.positionals
  const [before, read] = [await readDiffSet(a, io), await readDiffSet(b, io)]
  const isOneVocabulary = canonicalJson(before.memberships) === canonicalJson(read.memberships)
  const after = isOneVocabulary ? { ...read, memberships: before.memberships } : read
  const language = languageOf(invocation) ?? after.language
  const policies = [...diffOffers(before, after), ...diffGuardrails(before, after), ...diffTemplated(before, after)]
  const agreements = invocation.flag('agreements') ? await readAgreements(io) : null
  const report: DiffReport = { policies, affected: affectedOffers(policies, before, after, agreements) }
  const isSame = policies.every(({ state }) => state === 'same')
  return { exit: isSame ? EXIT.good : EXIT.bad, json: report, text: diffText(report, language) }
}

function diffOffers(before: DiffSet, after: DiffSet): readonly PolicyEntry[] {
  return paired<OfferDefinition>(before.offers, after.offers, before.isFile && after.isFile).map(([first, second]) => {
    if (first === null || second === null) return loneEntry('offer', first?.id ?? second?.id ?? '', first !== null)
    const [was, is] = [offerVersion(first, before.memberships), offerVersion(second, after.memberships)]
    const access = diffConstraints(first.access, second.access, [before.memberships, after.memberships])
    return entry('offer', second.id, diffPolicies(was, is), access)
  })
}

function diffGuardrails(before: DiffSet, after: DiffSet): readonly PolicyEntry[] {
  return paired<Guardrail>(before.guardrails, after.guardrails, before.isFile && after.isFile).map(
    ([first, second]) => {
      if (first === null || second === null)
        return loneEntry('guardrail', first?.id ?? second?.id ?? '', first !== null)
      const [was, is] = [railVersion(first, before.memberships), railVersion(second, after.memberships)]
      const parties = diffConstraints(first.parties, second.parties, [before.memberships, after.memberships])
      return entry('guardrail', second.id, diffPolicies(was, is), parties)
    },
  )
}

/** With their defaults: what is made from one with other values is compared as the offer that it is. */
function diffTemplated(before: DiffSet, after: DiffSet): readonly PolicyEntry[] {
  return paired<DiffTemplate>(before.templates, after.templates, before.isFile && after.isFile).map(
    ([first, second]) => {
      if (first === null || second === null) return loneEntry('template', first?.id ?? second?.id ?? '', first !== null)
      const was = { policy: first.policy, rules: first.rules, memberships: before.memberships }
      const is = { policy: second.policy, rules: second.rules, memberships: after.memberships }
      const { changes, ...permitted } = diffPolicies(was, is)
      const all = { ...permitted, changes: [...changes, ...parameterChanges(first, second)] }
      return entry('template', second.id, all, diffConstraints([], [], [before.memberships, after.memberships]))
    },
  )
}

function offerVersion({ policy, rules }: OfferDefinition, memberships: Memberships): Version {
  return { policy, rules, memberships }
}

function railVersion({ policy }: Guardrail, memberships: Memberships): Version {
  return { policy, rules: writtenRules(policy), memberships, isGuardrail: true }
}

function entry(kind: PolicyEntry['kind'], id: string, diff: PolicyDiff, access: Shown): PolicyEntry {
  const isSame =
    diff.relation === 'equal' && diff.rules.length === 0 && diff.changes.length === 0 && access.relation === 'equal'
  return { kind, id, state: isSame ? 'same' : 'changed', diff, access }
}

function loneEntry(kind: PolicyEntry['kind'], id: string, wasThere: boolean): PolicyEntry {
  return { kind, id, state: wasThere ? 'removed' : 'added', diff: null, access: null }
}

function affectedOffers(
  policies: readonly PolicyEntry[],
  before: DiffSet,
  after: DiffSet,
  agreements: readonly AgreementRow[] | null,
): readonly AffectedOffer[] {
  const changed = policies.filter(({ state }) => state !== 'same')
  const rails = changed.filter(({ kind }) => kind === 'guardrail').map(({ id }) => id)
  const ids = new Set([...before.offers, ...after.offers].map(({ id }) => id))
  return [...ids].flatMap((id): readonly AffectedOffer[] => {
    const versions = [before, after].flatMap(({ offers }) => offers.filter((offer) => offer.id === id))
    const over = rails.filter((rail) =>
      [before, after].some(({ guardrails }) =>
        guardrails.some((each) => each.id === rail && versions.some((offer) => mayMeet(each.datasets, offer.datasets))),
      ),
    )
    const isChanged = changed.some((each) => each.kind === 'offer' && each.id === id)
    const by = [...(isChanged ? [`offer ${id}`] : []), ...over.map((rail) => `guardrail ${rail}`)]
    if (by.length === 0) return []
    const digests = before.offers.filter((offer) => offer.id === id).map(({ digest }) => digest)
    const bound = agreements?.filter(({ policyDigest }) => digests.includes(policyDigest))
    return [
      {
        offer: id,
        by,
        counterparties: bound === undefined ? null : [...new Set(bound.map((row) => row.counterparty))],
      },
    ]
  })
}

/** Unless both name one dataset, and not the same, they may be about the same data. */
function mayMeet(rail: readonly DatasetSelector[], offer: readonly DatasetSelector[]): boolean {
  if (rail.length === 0) return true
  return rail.some((a) => offer.some((b) => a.kind !== 'id' || b.kind !== 'id' || a.id === b.id))
}

/** All that are not ended, by the database. */
async function readAgreements(io: Io): Promise<readonly AgreementRow[]> {
  return withStore(await readSettings(io), io, ({ reader }) => {
    const rows: AgreementRow[] = []
    for (let after: string | null = null; ;) {
      const page: readonly AgreementRow[] = reader.list('agreement', { after, limit: PAGE })
      rows.push(...page.filter(({ role, endedAt }) => role === 'PROVIDER' && endedAt === null))
      after = page.at(-1)?.id ?? null
      if (page.length < PAGE || after === null) return Promise.resolve(rows)
    }
  })
}
