// `lingqu policy replay`: the decisions of the last days made again, with the facts of their time, under the policies of a folder.

import { join } from 'node:path'
import { findingLine, isMistake } from '../../config/finding.ts'
import { readPolicyFiles } from '../../config/policies/read-policy-files.ts'
import { readPolicyFolder } from '../../config/policies/read-policy-folder.ts'
import { compilePolicy } from '../../domain/policy/compile.ts'
import type { CompiledPolicy } from '../../domain/policy/compiled.ts'
import type { OfferDefinition } from '../../domain/policy/offer-definition.ts'
import type { Regime } from '../../domain/policy/regime.ts'
import { replay as again } from '../../domain/policy/replay.ts'
import type { Json } from '../../kernel/canonical-json.ts'
import { ProblemError, problem } from '../../kernel/problem.ts'
import { instant, toIso } from '../../kernel/time.ts'
import { addDuration, parseDuration, parseInstant } from '../../protocol/odrl/lexical.ts'
import { readRules } from '../../protocol/odrl/normalise.ts'
import { readDecisions, type StoredDecision } from '../../store/read-decisions.ts'
import { EXIT, UsageError, type Command } from '../outcome.ts'
import { readSettings } from '../settings.ts'
import { policiesFolder } from './folder.ts'
import { mustBeThere } from './named-file.ts'

const EXAMPLES_MAX = 20

interface Flip {
  readonly seq: number
  readonly at: string
  readonly phase: string
  readonly counterParty: string
  readonly dataset: string | null
  readonly from: string
  readonly to: string
  readonly reason: string | null
  readonly path: string | null
}

/** Exit code 1 where a decision would flip. */
export const replay: Command = async (invocation, io) => {
  const [draft, copy] = [invocation.text('with'), invocation.text('file')]
  for (const named of [draft, copy]) if (named !== undefined) await mustBeThere(named)
  const folder = draft ?? (await policiesFolder(io.env))
  const since = sinceOf(invocation.text('since') ?? 'P30D', io.clock())
  const set = readPolicyFolder(await readPolicyFiles(folder))
  const mistakes = set.findings.filter(isMistake).map((each) => findingLine({ ...each, file: join(folder, each.file) }))
  if (mistakes.length > 0) throw new ProblemError(problem('policy.invalid', mistakes.join('\n')))
  const regime: Regime = { guardrails: set.guardrails, memberships: set.vocab.memberships, self: {} }
  const count = { decisions: 0, replayed: 0, skipped: 0, permitToDeny: 0, denyToPermit: 0 }
  const flips: Flip[] = []
  const file = copy ?? (await readSettings(io)).paths.database
  readDecisions(file, since, (decision) => {
    count.decisions += 1
    const policy = policyFor(decision, set.offers)
    const { datasetId, properties, ext } = decision
    const dataset = datasetId === null ? null : { id: datasetId, properties }
    const replayed = policy === null ? null : again(ext, policy, regime, dataset)
    if (replayed === null) {
      count.skipped += 1
      return
    }
    count.replayed += 1
    if (replayed.before === replayed.after) return
    count[replayed.before === 'permit' ? 'permitToDeny' : 'denyToPermit'] += 1
    if (flips.length < EXAMPLES_MAX) flips.push(flipOf(decision, replayed))
  })
  const isSame = count.permitToDeny + count.denyToPermit === 0
  return {
    exit: isSame ? EXIT.good : EXIT.bad,
    json: { since: toIso(instant(since)), with: folder, ...count, flips },
    text: told(count, flips),
  }
}

/**
 * What would decide: under an agreement its own text, which no edit changes (the rules of the site come from the folder); of a
 * request the offer of that name in the folder. Null where there is none, or nothing is known of it any more.
 */
function policyFor(
  { agreementId, policy, datasetId }: StoredDecision,
  offers: readonly OfferDefinition[],
): CompiledPolicy | null {
  if (typeof policy !== 'object' || policy === null || Array.isArray(policy)) return null
  if (agreementId !== null) {
    const rules = readRules(policy)
    const compiled = rules.ok ? compilePolicy(rules.value) : rules
    return compiled.ok ? compiled.value : null
  }
  const id = (policy as { readonly '@id'?: unknown })['@id']
  return offers.find((offer) => offer.id === id || `${offer.id}:${datasetId ?? ''}` === id)?.policy ?? null
}

function flipOf(
  { seq, at, ext, datasetId }: StoredDecision,
  { before, after, reason, path }: { before: string; after: string; reason: string | null; path: string | null },
): Flip {
  const facts = ext.facts as { readonly participant?: Json } | undefined
  return {
    ...{ seq, at: toIso(instant(at)), phase: textOf(ext.phase, 'negotiation') },
    ...{ counterParty: textOf(facts?.participant, ''), dataset: datasetId, from: before, to: after, reason, path },
  }
}

function textOf(value: Json | undefined, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise
}

/** `30d`, an xsd:duration, or an instant. */
function sinceOf(text: string, now: number): number {
  const at = parseInstant(text)
  if (at !== null) return at
  const days = /^(\d{1,5})d$/.exec(text)?.[1]
  const duration = parseDuration(days === undefined ? text : `P${days}D`)
  if (duration === null) throw new UsageError(`--since takes 30d, P30D or a date and time, came ${text}`)
  const ago = addDuration(instant(0), duration)
  return Math.max(0, now - ago)
}

function told(count: Readonly<Record<string, number>>, flips: readonly Flip[]): string {
  const { decisions = 0, replayed = 0, skipped = 0, permitToDeny = 0, denyToPermit = 0 } = count
  const head = `${String(decisions)} decisions, ${String(replayed)} made again, ${String(skipped)} without facts or rules`
  const lines = flips.map(
    ({ seq, at, phase, counterParty, dataset, from, to, reason, path }) =>
      `  ${String(seq)} ${at} ${phase} ${counterParty} ${dataset ?? ''}: ${from} → ${to}${reason === null ? '' : ` (${path ?? ''}: ${reason})`}`,
  )
  return [head, `permit → deny: ${String(permitToDeny)}, deny → permit: ${String(denyToPermit)}`, ...lines].join('\n')
}
