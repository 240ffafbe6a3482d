// What the management API shows: one named schema for each kind of thing, in the words of DSP, ODRL and DCAT.

import { SCOPES } from '../../domain/access/scopes.ts'
import { SEALED_SHOWN } from '../../domain/delivery/sealed-source.ts'
import { EVIDENCE_TYPES } from '../../domain/evidence/entry.ts'
import { NEGOTIATION_ACTIONS, TRANSFER_ACTIONS } from '../../domain/exchange/act.ts'
import { NEGOTIATION } from '../../domain/exchange/negotiation.ts'
import { TRANSFER } from '../../domain/exchange/transfer.ts'
import { PROBLEMS } from '../../kernel/problem.ts'
import { NEGOTIATION_STATES, TRANSFER_STATES } from '../../protocol/dsp/states.ts'
import {
  BOOLEAN,
  closed,
  COUNT,
  DIGEST,
  HASH,
  listOf,
  nullable,
  ref,
  ROLE,
  TEXT,
  TEXTS,
  TIME,
  type Properties,
  type Schema,
} from './schemas.ts'

const CODE: Schema = { enum: Object.keys(PROBLEMS) }
const WORDS: Schema = { type: 'string' }

/** A problem as it is kept with a process: why it ended, or what the counter-party refused last. */
const REASON = closed({ code: CODE, message: WORDS, path: WORDS }, 'path')

// ODRL as DSP carries it, in its normal form: short names, lists everywhere, texts as values.
const CONSTRAINTS = listOf(ref('Constraint'))
const LOGICAL = ['and', 'or', 'xone', 'andSequence'].map((operator) =>
  closed({ '@id': TEXT, [operator]: CONSTRAINTS }, '@id'),
)
const DUTIES = listOf(ref('Duty'))
const RULES: Properties = {
  profile: { anyOf: [TEXT, listOf(TEXT)] },
  conflict: { enum: ['perm', 'prohibit', 'invalid'] },
  permission: listOf(ref('Rule')),
  prohibition: listOf(ref('Rule')),
  obligation: listOf(ref('Duty')),
}
const RULE: Properties = { '@id': TEXT, action: TEXT, refinement: CONSTRAINTS, constraint: CONSTRAINTS, parties: TEXTS }
const RULE_OPTIONS = ['@id', 'refinement', 'constraint', 'parties']
const RULE_NAMES = Object.keys(RULES)
const PARTIES: Properties = { assigner: TEXT, assignee: TEXT }

/** What both kinds of process show. */
function process(type: string, states: readonly string[], moves: readonly string[]): Properties {
  return {
    '@type': { const: type },
    id: { ...TEXT, description: 'our own pid' },
    role: ROLE,
    providerPid: TEXT,
    consumerPid: TEXT,
    counterPartyId: TEXT,
    counterPartyAddress: WORDS,
    state: {
      enum: ['INITIAL', ...states],
      description: 'INITIAL: our opening message has not been acknowledged; it never stands on the wire',
    },
    unacknowledged: { enum: [...moves, null], description: 'our move that is on its way; the state follows its ACK' },
    ending: { ...BOOLEAN, description: 'we decided to end it, and tell the counter-party once it can be addressed' },
    problem: nullable(ref('Reason')),
    createdAt: TIME,
    updatedAt: TIME,
  }
}
const PIDS = ['providerPid', 'consumerPid'] as const
/** Shown with one transfer by itself: what was sent or came, where data is pushed. */
const PUSHED = ['push', 'reception'] as const

function movesOf({ arrows }: { readonly arrows: readonly { readonly move: string }[] }): readonly string[] {
  return [...new Set(arrows.map(({ move }) => move))]
}

const NEGOTIATION_MEMBERS: Properties = {
  ...process('ContractNegotiation', NEGOTIATION_STATES, movesOf(NEGOTIATION)),
  agreementId: nullable(TEXT),
  offer: ref('MessageOffer'),
  offeredBy: ROLE,
  automation: { type: 'object' },
}
const TRANSFER_MEMBERS: Properties = {
  ...process('TransferProcess', TRANSFER_STATES, movesOf(TRANSFER)),
  agreementId: TEXT,
  datasetId: WORDS,
  format: WORDS,
  automation: { type: 'object' },
  push: ref('Push'),
  reception: ref('Reception'),
}

/** What may be done now, and until when. */
function waiting(actions: object): Properties {
  return {
    actions: listOf({ enum: Object.keys(actions) }),
    deadline: { ...nullable(TIME), description: 'when it is ended if nobody decides; null where it may go on' },
  }
}

const FILE_SOURCE = closed({ type: { const: 'file' }, path: TEXT, mediaType: TEXT }, 'mediaType')
const SEALED: Schema = { const: SEALED_SHOWN, description: 'stands for a secret, which is never shown' }
const OPENED: Schema = { anyOf: [BOOLEAN, listOf(TEXT)] }
const HTTP_SOURCE = closed(
  {
    ...{
      type: { const: 'http' },
      url: TEXT,
      headers: { type: 'object', additionalProperties: SEALED },
      mediaType: TEXT,
    },
    ...{ paths: OPENED, query: OPENED, methods: listOf({ enum: ['GET', 'HEAD', 'POST'] }) },
  },
  ...['headers', 'mediaType', 'paths', 'query', 'methods'],
)
const S3_SOURCE = closed(
  {
    ...{ type: { const: 's3' }, endpoint: TEXT, region: TEXT, bucket: TEXT, key: TEXT, prefix: TEXT },
    ...{ accessKeyId: TEXT, secretAccessKey: SEALED, pathStyle: BOOLEAN, mediaType: TEXT },
  },
  ...['key', 'prefix', 'mediaType'],
)
const FILE_SINK = closed({ type: { const: 'file' }, path: TEXT })
const HTTP_SINK = closed(
  {
    ...{ type: { const: 'http' }, url: TEXT, method: { enum: ['PUT', 'POST'] } },
    headers: { type: 'object', additionalProperties: SEALED },
  },
  ...['method', 'headers'],
)
const S3_SINK = closed({
  ...{ type: { const: 's3' }, endpoint: TEXT, region: TEXT, bucket: TEXT, key: TEXT },
  ...{ accessKeyId: TEXT, secretAccessKey: SEALED, pathStyle: BOOLEAN },
})
/** What was delivered under an agreement so far. */
const USAGE = closed({
  deliveries: COUNT,
  bytes: COUNT,
  milliseconds: { ...COUNT, description: 'in which streams ran; that of parallel ones adds up' },
  records: { ...nullable(COUNT), description: 'of all deliveries; null where not all of them were counted' },
})
/** Rows that went, by their table. */
const RETENTION_RUN = closed({ at: TIME, removed: { type: 'object', additionalProperties: COUNT } })
const PLACE = closed({ path: WORDS, message: WORDS })

const SELECTOR: Schema = {
  anyOf: [
    closed({ kind: { const: 'id' }, id: TEXT }),
    closed({ kind: { const: 'glob' }, pattern: TEXT }),
    closed({ kind: { const: 'property' }, property: TEXT, value: { type: ['string', 'number', 'boolean'] } }),
  ],
}

// prettier-ignore
export const COMPONENTS: Readonly<Record<string, Schema>> = {
  Problem: closed({
    type: { const: 'about:blank' }, title: WORDS, status: { type: 'integer' }, code: CODE, detail: WORDS,
    path: { ...WORDS, description: 'where in the input, or which clause of the policy' },
  }, 'path'),
  Reason: REASON,

  Constraint: { anyOf: [
    closed({ '@id': TEXT, leftOperand: TEXT, operator: TEXT, rightOperand: { anyOf: [WORDS, listOf(WORDS)] }, unit: TEXT, dataType: TEXT }, '@id', 'unit', 'dataType'), ...LOGICAL,
  ] },
  Duty:         closed({ ...RULE, consequence: DUTIES }, ...RULE_OPTIONS, 'consequence'),
  Rule:         closed({ ...RULE, duty: DUTIES, remedy: DUTIES, consequence: DUTIES }, ...RULE_OPTIONS, 'duty', 'remedy', 'consequence'),
  Rules:        closed(RULES, ...RULE_NAMES),
  MessageOffer: closed({ '@id': TEXT, '@type': { const: 'Offer' }, target: TEXT, ...PARTIES, ...RULES }, ...Object.keys(PARTIES), ...RULE_NAMES),
  Agreement:    closed({ '@id': TEXT, '@type': { const: 'Agreement' }, target: TEXT, timestamp: TEXT, ...PARTIES, ...RULES }, ...RULE_NAMES),

  ContractNegotiation: closed(NEGOTIATION_MEMBERS, ...PIDS),
  TransferProcess:     closed(TRANSFER_MEMBERS, ...PIDS, ...PUSHED),
  Push:      closed({ attempts: COUNT, nextAttemptAt: nullable(TIME), lastError: nullable(WORDS), doneAt: nullable(TIME) }),
  Reception: closed({ sink: { anyOf: [FILE_SINK, HTTP_SINK, S3_SINK] }, bytes: nullable(COUNT), digest: nullable(DIGEST), doneAt: nullable(TIME) }),
  WaitingNegotiation:  closed({ ...NEGOTIATION_MEMBERS, ...waiting(NEGOTIATION_ACTIONS) }, ...PIDS),
  WaitingTransfer:     closed({ ...TRANSFER_MEMBERS, ...waiting(TRANSFER_ACTIONS) }, ...PIDS, ...PUSHED),
  NumberedOffer:       closed({ number: COUNT, offeredBy: ROLE, offer: ref('MessageOffer'), at: TIME }),
  Step: closed({
    seq: COUNT, at: TIME, type: { enum: Object.keys(EVIDENCE_TYPES) }, means: WORDS,
    actor: { ...WORDS, description: 'the participant that acted' },
    by:    { ...nullable(WORDS), description: 'the management token by whose order' },
    move: nullable(WORDS), from: nullable(WORDS), to: nullable(WORDS), problem: nullable(ref('Reason')),
    details: { type: 'object', description: 'what else the entry says' },
  }),
  HeldAgreement: closed({
    id: TEXT, role: ROLE, counterPartyId: TEXT, negotiationId: TEXT, datasetId: TEXT, agreement: ref('Agreement'),
    policyDigest: DIGEST, agreedAt: TIME, finalizedAt: nullable(TIME), endedAt: nullable(TIME), endReason: nullable(WORDS), usage: USAGE,
    terms: { ...nullable({ type: 'object' }), description: 'what our offer said beside its rules: version, template, annex, settlement; not sent to the counter-party' },
  }),

  AgreementRecords: closed({ items: listOf(ref('AgreementRecord')) }),
  AgreementRecord:  closed({ name: TEXT, value: { anyOf: [TEXT, listOf(TEXT)] }, validUntil: nullable(TIME), reference: nullable(TEXT), by: TEXT, at: TIME }),
  Obligations:      closed({ items: listOf(ref('Obligation')) }),
  Obligation:       closed({
    duty: TEXT, uid: nullable(TEXT), action: TEXT, state: { enum: ['active', 'fulfilled', 'violated', 'late'] }, dueAt: nullable(TIME), at: TIME,
    proof: nullable({ type: 'object' }),
  }),

  SeenCatalog: closed({
    participantId: TEXT, address: TEXT, datasets: listOf(ref('SeenDataset')),
    isCut: { ...BOOLEAN, description: 'the peer has more datasets than are shown here' },
  }),
  SeenDataset: closed({ id: TEXT, properties: { type: 'object' }, formats: listOf(TEXT), offers: listOf(ref('SeenOffer')) }),
  SeenOffer:   closed({ offer: nullable(ref('MessageOffer')), offerId: WORDS, notUnderstood: listOf(PLACE) }),
  Connected:   closed({ agreementId: TEXT, transferId: TEXT, reused: closed({ agreement: BOOLEAN, transfer: BOOLEAN }) }),
  DataAddress: closed({
    endpoint: TEXT, authType: { const: 'bearer' }, authorization: { ...TEXT, description: 'a secret, without its scheme' },
    bareToken: { ...BOOLEAN, description: 'the token goes into the header alone, as EDC expects it' },
    refreshToken: TEXT, expiresInS: COUNT, refreshEndpoint: TEXT,
  }, 'refreshToken', 'expiresInS', 'refreshEndpoint'),

  Dataset: {
    type: 'object',
    properties: {
      '@id': TEXT, '@type': { const: 'Dataset' }, formats: listOf(TEXT), createdAt: TIME,
      source: { ...nullable({ anyOf: [FILE_SOURCE, HTTP_SOURCE, S3_SOURCE] }), description: 'its secrets are not shown' },
    },
    required: ['@id', '@type', 'formats', 'source', 'createdAt'],
  },
  OfferDefinition: closed({
    id: TEXT, title: TEXTS, datasets: listOf(SELECTOR), rules: ref('Rules'), digest: DIGEST, file: TEXT,
    automation: { type: 'object' },
  }),
  Finding: closed({ file: TEXT, line: COUNT, column: COUNT, code: TEXT, message: WORDS, hint: WORDS, severity: { enum: ['error', 'warning'] }, zh: { ...WORDS, description: 'the message in Chinese' } }, 'hint', 'severity', 'zh'),
  Peer: closed({ did: TEXT, name: TEXT, claims: TEXTS, address: nullable(TEXT), addedAt: TIME }),
  Token: closed({ name: TEXT, scope: { enum: SCOPES }, createdAt: TIME, revokedAt: nullable(TIME) }),
  NewToken: closed({
    name: TEXT, scope: { enum: SCOPES }, createdAt: TIME, revokedAt: nullable(TIME),
    token: { ...TEXT, description: 'the value; it is shown this once and never again' },
  }),
  KeyRotation: closed({ kid: TEXT, signsFrom: TIME, olderUntil: { ...TIME, description: 'when older keys are destroyed' } }),
  Found: closed({
    allowed: BOOLEAN, code: { enum: [...Object.keys(PROBLEMS), null] }, message: WORDS,
    path: { ...nullable(WORDS), description: 'the clause that decides' },
    deferred: { ...listOf(WORDS), description: 'the clauses that a later phase decides' },
  }),
  Explanation: closed({
    participant: closed({ id: TEXT, isAdmitted: BOOLEAN, name: nullable(WORDS), claims: TEXTS }),
    dataset: closed({ id: TEXT, isPublished: BOOLEAN }),
    see: ref('Found'), use: ref('Found'),
    offers: listOf(closed({ offerId: TEXT, file: WORDS, catalogue: nullable(ref('Found')), negotiation: nullable(ref('Found')) })),
    agreements: listOf(closed({ agreementId: TEXT, used: COUNT, openTransfers: COUNT, use: ref('Found') })),
    isCut: { ...BOOLEAN, description: 'more offers stand on the dataset than are explained here' },
  }),
  RetentionRun: RETENTION_RUN,
  Policies: closed({
    generation: COUNT, digest: DIGEST, since: TIME, files: COUNT, offers: COUNT,
    backTo: { ...nullable(COUNT), description: 'the generation that somebody went back to' },
    degraded: { ...BOOLEAN, description: 'what lies in the folder was refused; the last that was good is in force' },
    refused: nullable(closed({ at: TIME, digest: DIGEST, mistakes: COUNT, findings: listOf(ref('Finding')) })),
    generations: listOf(ref('PolicyGeneration')),
  }),
  PolicyGeneration: closed({
    generation: COUNT, digest: DIGEST, state: { enum: ['active', 'superseded', 'refused'] }, backTo: nullable(COUNT), at: TIME,
    by: TEXT, files: COUNT, mistakes: COUNT, findings: listOf(ref('Finding')),
  }),
  Status: closed({
    participant: closed({ did: TEXT, name: closed({ en: WORDS, zh: WORDS }, 'zh'), claims: TEXTS }),
    version: TEXT, startedAt: TIME, ready: BOOLEAN, problem: nullable(ref('Reason')),
    policies: closed({ generation: COUNT, digest: DIGEST, files: COUNT, offers: COUNT, loadedAt: TIME, backTo: nullable(COUNT), degraded: BOOLEAN,
      refused: { ...nullable(closed({ at: TIME, findings: COUNT, first: WORDS })), description: 'the last reading, where it was refused: those before it are in force' } }),
    outbox: closed({ messages: COUNT, oldestAgeS: { type: 'number', minimum: 0 } }),
    openProcesses: closed({ negotiations: COUNT, transfers: COUNT }),
    streamsRunning: COUNT, requestsInFlight: COUNT, evidence: closed({ entries: COUNT, head: HASH }),
    database: closed({ bytesUsed: COUNT, bytesFree: COUNT, bytesOfLog: COUNT }),
    retention: closed({ endedDays: COUNT, deliveriesDays: COUNT, lastRun: nullable(ref('RetentionRun')) }),
    certificateEndsAt: nullable(TIME),
  }),
  EvidenceEntry: closed({ seq: COUNT, hash: HASH, envelope: ref('Envelope') }),
  Envelope: closed({
    v: { const: 1 }, n: { type: 'string', pattern: '^[0-9a-f]{32}$' }, type: { enum: Object.keys(EVIDENCE_TYPES) },
    at: TIME, origin: TEXT, seq: COUNT, prev: HASH, actor: TEXT,
    agreement: TEXT, aseq: COUNT, aprev: HASH, pid: TEXT, msgDigest: DIGEST, policyDigest: DIGEST, ext: { type: 'object' },
  }, 'agreement', 'aseq', 'aprev', 'pid', 'msgDigest', 'policyDigest', 'ext'),
}
