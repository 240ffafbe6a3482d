// `lingqu policy explain`: what the policy files say to one request, clause by clause, and what would have to be otherwise for it
// to be permitted. On the files alone: nothing needs to run.

import { join } from 'node:path'
import { loadConfig } from '../../config/load.ts'
import { reasonOf } from '../../domain/policy/explain.ts'
import { PHASES, type Facts, type Phase } from '../../domain/policy/facts.ts'
import { knownFrom } from '../../domain/policy/known.ts'
import { askLayers, permits, type LayeredQuestion, type Layers } from '../../domain/policy/layers.ts'
import type { OfferDefinition } from '../../domain/policy/offer-definition.ts'
import { bareFacts, selects } from '../../domain/policy/regime.ts'
import { LANGUAGES } from '../../domain/policy/render/language.ts'
import { snapshotOf } from '../../domain/policy/snapshot.ts'
import { whyNot, type WhyNot } from '../../domain/policy/why-not.ts'
import { repairsTold } from '../../domain/policy/why-not-words.ts'
import { nearest } from '../../kernel/nearest.ts'
import { problem, ProblemError } from '../../kernel/problem.ts'
import { toIso } from '../../kernel/time.ts'
import type { ParticipantId } from '../../protocol/ids.ts'
import { ACTIONS } from '../../protocol/odrl/actions.ts'
import { canonicalAction } from '../../protocol/odrl/vocabulary.ts'
import { done, UsageError, type Command, type Invocation, type Io } from '../outcome.ts'
import { choosePolicies, languagesOf, speechOf, type Chosen } from './chosen.ts'
import { datasetNamed, datasetOf } from './dataset-asked.ts'
import { answerLines, type Answer } from './explain-text.ts'
import { instantOf, readGiven } from './given-facts.ts'

const USAGE =
  'usage: lingqu policy explain [FILE] --peer DID [--dataset ID] [--phase P] [--at T] [--action A] [--given KEY=VALUE|FILE]… [--why-not] [--lang zh|en|both]'

export const explain: Command = async (invocation, io) => {
  const { positionals, text, flag } = invocation
  const [peer, dataset] = [text('peer'), text('dataset')]
  if (peer === undefined || (positionals.length === 0 && dataset === undefined))
    throw new UsageError('`policy explain` needs --peer, and a FILE or --dataset', USAGE)
  const asked = {
    phase: phaseOf(text('phase')),
    action: actionOf(text('action')),
    facts: await factsOf(invocation, peer, io),
  }
  const named = dataset === undefined ? null : datasetNamed(dataset, asked.facts)
  const chosen = await choosePolicies(positionals, io)
  const languages = languagesOf(invocation)
  const answers = chosen.flatMap((each) => {
    const offers = each.offers.filter(
      ({ datasets }) => named === null || datasets.some((selector) => selects(selector, named)),
    )
    return offers.map((offer) => {
      const about = { ...asked, dataset: named ?? datasetOf(offer, asked.facts) }
      return answerOn(offer, each, about, flag('why-not'))
    })
  })
  if (answers.length === 0) {
    const sentence =
      dataset === undefined ? 'no offer stands there' : `no offer selects the dataset ${dataset} by its id`
    throw new ProblemError(problem('offer.unknown', sentence))
  }
  const { phase, action, facts } = asked
  const question = { participant: facts.participant, dataset: dataset ?? null, phase, action, at: toIso(facts.now) }
  const lines = answers.flatMap(({ answer, chosen: { set } }) =>
    (languages ?? [set.defaults.language]).flatMap((language) => [
      ...answerLines(answer, speechOf(language, set.vocab)),
      '',
    ]),
  )
  const json = {
    question: { ...question, facts: snapshotOf(facts) },
    offers: answers.map(({ answer }) => jsonOf(answer)),
  }
  return done(json, lines.join('\n').trimEnd())
}

type Asked = Pick<LayeredQuestion, 'facts' | 'phase' | 'action' | 'dataset'>

function answerOn(
  { id, file, access, policy }: OfferDefinition,
  chosen: Chosen,
  asked: Asked,
  wantsRepairs: boolean,
): { readonly answer: Answer; readonly chosen: Chosen } {
  const { guardrails, vocab } = chosen.set
  const { memberships } = vocab
  const facts = { ...asked.facts, memberships }
  const question = { ...asked, access, policy, facts, regime: { guardrails, memberships, self: {} } }
  const layers = askLayers(question)
  const repairs = wantsRepairs ? whyNot(question) : undefined
  const answer = {
    offer: id,
    file: join(chosen.root, file),
    question,
    layers,
    ...(repairs !== undefined && { whyNot: repairs }),
  }
  return { answer, chosen }
}

function jsonOf({ offer, file, question, layers, whyNot: repairs }: Answer): object {
  return {
    offer,
    file,
    verdict: layers.verdict,
    reason: reasonIn(layers),
    layers: layers.layers.map(({ kind, id, decision }) => ({ kind, id, ...decision })),
    ...(repairs !== undefined && { whyNot: repairs === null ? null : whyNotJson(repairs, question.facts) }),
  }
}

function reasonIn({ layers }: Layers): object | null {
  const refusing = layers.find((layer) => !permits(layer))
  const [zh, en] = LANGUAGES.map((language) => (refusing === undefined ? null : reasonOf(refusing.decision, language)))
  return en === null || en === undefined ? null : { path: en.path, en: en.message, zh: zh?.message }
}

function whyNotJson({ repairs, isCut }: WhyNot, facts: Facts): object {
  const [zh = [], en = []] = LANGUAGES.map((language) => repairsTold(repairs, facts, { language }))
  return {
    isCut,
    repairs: en.map(({ text, changes }, index) => ({
      en: text,
      zh: zh[index]?.text,
      changes: changes.map(({ path, fact, values }) => ({ path, fact, values })),
    })),
  }
}

function phaseOf(word: string | undefined): Phase {
  const phase = PHASES.find((each) => each === (word ?? 'start'))
  if (phase === undefined) throw new UsageError(`--phase: expected one of ${PHASES.join(', ')}`, USAGE)
  return phase
}

function actionOf(word: string | undefined): string | null {
  if (word === undefined) return null
  const action = canonicalAction(word) ?? canonicalAction(`tds:${word}`)
  if (action !== null) return action
  const meant = nearest(word, ACTIONS)
  throw new UsageError(
    `--action: ${word} is not known here${meant === undefined ? '' : `; did you mean \`${meant}\`?`}`,
    USAGE,
  )
}

/** What is not given is not known, but for the uses: without any word of them there were none. */
async function factsOf({ text, texts }: Invocation, peer: string, { env, clock }: Io): Promise<Facts> {
  const at = text('at')
  const loaded = await loadConfig(env)
  const self = knownFrom('self', loaded.ok ? loaded.config.participant.claims : {})
  const given = await readGiven(texts('given'))
  const bare = bareFacts(peer as ParticipantId, at === undefined ? clock() : instantOf('--at', at))
  const uses = given.used === undefined ? { uses: [] } : {}
  return { ...bare, ...uses, ...given, known: { ...self, ...given.known } }
}
