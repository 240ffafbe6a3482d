// Every operation of the management API, one entry each. The routes and the OpenAPI document are both made from this.

import { EXPLAINED } from '../../domain/access/explain-access.ts'
import { EVIDENCE_TYPES } from '../../domain/evidence/entry.ts'
import {
  ANOTHER_OFFER,
  CATALOG_QUESTION,
  CONNECT_REQUEST,
  DATASETS,
  NEGOTIATION_REQUEST,
  NO_MEMBERS,
  PEER,
  REASON,
  RECORD,
  FULFILMENT,
  ROLLBACK,
  ROTATION,
  TOKEN,
  TRANSFER_REQUEST,
  WORDS,
} from './bodies.ts'
import {
  ANY_TYPE,
  EVENT_STREAM,
  mayTake,
  NOTHING,
  shows,
  streams,
  takes,
  type Answer,
  type Operation,
} from './operation.ts'
import { AFTER, AFTER_SEQ, closed, COUNT, HASH, LIMIT, listOf, pageOf, ref, TEXT, type Schema } from './schemas.ts'

const PAGE = { after: AFTER, limit: LIMIT }
const SEQ_PAGE = { after: AFTER_SEQ, limit: LIMIT }

function pages(name: string, next?: Schema): { readonly [200]: Answer } {
  return { 200: shows(pageOf(ref(name), next)) }
}

const LOOK = { method: 'get', work: 'read' } as const
const DO = { method: 'post', work: 'exchange' } as const
const KEEP = { method: 'post', work: 'administer' } as const
const DROP = { method: 'delete', work: 'administer' } as const

const NEGOTIATION = { 200: shows('ContractNegotiation', 'The negotiation after the step was decided.') }
const TRANSFER = { 200: shows('TransferProcess', 'The transfer after the step was decided.') }
const REST = streams(ANY_TYPE, 'The rest of it, for `Range: bytes=N-` with the strong ETag as `If-Range`.')
const HEAD = closed({ seq: COUNT, hash: HASH })
const FINDINGS = closed({ findings: listOf(ref('Finding')) })
const DATASET_OR_LIST: Schema = { anyOf: [ref('Dataset'), listOf(ref('Dataset'))] }
const WAITING: Schema = { anyOf: [ref('WaitingNegotiation'), ref('WaitingTransfer')] }
const EVENT_TYPES: Schema = {
  type: 'array',
  minItems: 1,
  uniqueItems: true,
  items: { enum: Object.keys(EVIDENCE_TYPES) },
  description: 'types of evidence, separated by commas',
}

// prettier-ignore
export const OPERATIONS = {
  readDocument: { ...LOOK, path: '/openapi.json', tag: 'document', summary: 'This document.',
    answers: { 200: shows({ type: 'object', required: ['openapi', 'info', 'paths', 'components'] }) } },

  requestCatalog: { ...LOOK, method: 'post', path: '/catalog/request', tag: 'catalog',
    summary: 'Asks a peer for its catalogue, and says of each offer whether it is understood here.',
    ...takes(CATALOG_QUESTION), answers: { 200: shows('SeenCatalog') }, refusals: [409, 422] },
  connect: { ...DO, path: '/connect', tag: 'catalog', repeatable: true,
    summary: 'From a dataset of a peer to a transfer that is open: reuses what is valid, negotiates what is missing. Safe to repeat.',
    ...takes(CONNECT_REQUEST), answers: { 200: shows('Connected') }, refusals: [409, 422, 429] },

  openNegotiation: { ...DO, path: '/negotiations', tag: 'negotiations', repeatable: true,
    summary: 'Requests an offer of a peer, or (role PROVIDER) offers unasked.',
    ...takes(NEGOTIATION_REQUEST), answers: { 201: shows('ContractNegotiation') }, refusals: [409, 422, 429] },
  listNegotiations:       { ...LOOK, path: '/negotiations',               tag: 'negotiations', summary: 'Contract negotiations.', query: PAGE, answers: pages('ContractNegotiation') },
  readNegotiation:        { ...LOOK, path: '/negotiations/{id}',          tag: 'negotiations', summary: 'One contract negotiation.', answers: { 200: shows('ContractNegotiation') } },
  listOffersMade:         { ...LOOK, path: '/negotiations/{id}/offers',   tag: 'negotiations', summary: 'Every offer of a negotiation with its author, oldest first.', answers: pages('NumberedOffer') },
  readNegotiationHistory: { ...LOOK, path: '/negotiations/{id}/timeline', tag: 'negotiations', summary: 'What happened in a negotiation, in order.', query: SEQ_PAGE, answers: pages('Step', COUNT) },
  offer:                { ...DO, path: '/negotiations/{id}/offer',     tag: 'negotiations', summary: 'Provider: sends a ContractOfferMessage, with another offer or the one that was requested.', ...mayTake(ANOTHER_OFFER), answers: NEGOTIATION, refusals: [409] },
  agree:                { ...DO, path: '/negotiations/{id}/agree',     tag: 'negotiations', summary: 'Provider: sends a ContractAgreementMessage.',                ...mayTake(NO_MEMBERS),    answers: NEGOTIATION, refusals: [409] },
  finalize:             { ...DO, path: '/negotiations/{id}/finalize',  tag: 'negotiations', summary: 'Provider: sends the event FINALIZED.',                      ...mayTake(NO_MEMBERS),    answers: NEGOTIATION, refusals: [409] },
  accept:               { ...DO, path: '/negotiations/{id}/accept',    tag: 'negotiations', summary: 'Consumer: sends the event ACCEPTED.',                       ...mayTake(NO_MEMBERS),    answers: NEGOTIATION, refusals: [409] },
  verify:               { ...DO, path: '/negotiations/{id}/verify',    tag: 'negotiations', summary: 'Consumer: sends a ContractAgreementVerificationMessage.',   ...mayTake(NO_MEMBERS),    answers: NEGOTIATION, refusals: [409] },
  counter:              { ...DO, path: '/negotiations/{id}/counter',   tag: 'negotiations', summary: 'Consumer: sends a ContractRequestMessage with another offer.', ...mayTake(ANOTHER_OFFER), answers: NEGOTIATION, refusals: [409] },
  terminateNegotiation: { ...DO, path: '/negotiations/{id}/terminate', tag: 'negotiations', summary: 'Ends the negotiation.',                                     ...mayTake(WORDS),         answers: NEGOTIATION, refusals: [409] },

  listAgreements: { ...LOOK, path: '/agreements',          tag: 'agreements', summary: 'Agreements.',    query: PAGE, answers: pages('HeldAgreement') },
  readAgreement:  { ...LOOK, path: '/agreements/{id}',     tag: 'agreements', summary: 'One agreement.', answers: { 200: shows('HeldAgreement') } },
  endAgreement:   { ...DO,   path: '/agreements/{id}/end', tag: 'agreements', summary: 'Ends an agreement here, and with it its transfers.', ...mayTake(REASON), answers: { 200: shows('HeldAgreement') } },
  listRecords:     { ...LOOK, path: '/agreements/{id}/records', tag: 'agreements', summary: 'Facts on record under an agreement.', answers: { 200: shows('AgreementRecords') } },
  addRecord:       { ...KEEP, path: '/agreements/{id}/records', tag: 'agreements', repeatable: true, summary: 'Puts a fact on record: a payment (added to those before it), a consent, an approval, the end of a mechanism. Evidence keeps what it replaces.',
    ...takes(RECORD), answers: { 201: shows('AgreementRecord') }, refusals: [404, 409, 429] },
  removeRecord:    { ...DROP, path: '/agreements/{id}/records/{name}', tag: 'agreements', summary: 'Takes a fact off the record. Streams that depend on it end within a second.', answers: { 204: NOTHING } },
  listObligations: { ...LOOK, path: '/agreements/{id}/obligations', tag: 'agreements', summary: 'What is owed, or was, under an agreement.', answers: { 200: shows('Obligations') } },
  fulfilObligation: { ...KEEP, path: '/agreements/{id}/obligations/fulfil', tag: 'agreements', summary: 'Says that a duty was fulfilled, and by what that is shown: in time, or late.',
    ...takes(FULFILMENT), answers: { 200: shows('Obligation') }, refusals: [404, 409] },

  openTransfer: { ...DO, path: '/transfers', tag: 'transfers', repeatable: true, summary: 'Requests a transfer under an agreement. A push names where the data goes: a `dataAddress`, or a `sink` that this connector fills.',
    ...takes(TRANSFER_REQUEST), answers: { 201: shows('TransferProcess') }, refusals: [404, 409, 422, 429] },
  listTransfers:       { ...LOOK, path: '/transfers',                tag: 'transfers', summary: 'Transfer processes.', query: PAGE, answers: pages('TransferProcess') },
  readTransfer:        { ...LOOK, path: '/transfers/{id}',           tag: 'transfers', summary: 'One transfer process.', answers: { 200: shows('TransferProcess') } },
  readTransferHistory: { ...LOOK, path: '/transfers/{id}/timeline',  tag: 'transfers', summary: 'What happened in a transfer, in order.', query: SEQ_PAGE, answers: pages('Step', COUNT) },
  start:               { ...DO,   path: '/transfers/{id}/start',     tag: 'transfers', summary: 'Provider: sends a TransferStartMessage.', ...mayTake(NO_MEMBERS), answers: TRANSFER, refusals: [409] },
  suspend:             { ...DO,   path: '/transfers/{id}/suspend',   tag: 'transfers', summary: 'Pauses the transfer.',      ...mayTake(WORDS),      answers: TRANSFER, refusals: [409] },
  resume:              { ...DO,   path: '/transfers/{id}/resume',    tag: 'transfers', summary: 'Goes on after a pause.',    ...mayTake(NO_MEMBERS), answers: TRANSFER, refusals: [409] },
  complete:            { ...DO,   path: '/transfers/{id}/complete',  tag: 'transfers', summary: 'Completes the transfer.',   ...mayTake(NO_MEMBERS), answers: TRANSFER, refusals: [409] },
  terminateTransfer:   { ...DO,   path: '/transfers/{id}/terminate', tag: 'transfers', summary: 'Ends the transfer.',        ...mayTake(WORDS),      answers: TRANSFER, refusals: [409] },
  readDataAddress: { ...DO, method: 'get', path: '/transfers/{id}/data-address', tag: 'transfers',
    summary: 'Consumer: where the data is, with the token to fetch it.', answers: { 200: shows('DataAddress') }, refusals: [409, 422] },
  fetchData: { ...DO, method: 'get', path: '/transfers/{id}/data', tag: 'transfers', query: 'any', refusals: [409, 413, 422, 429],
    summary: 'Consumer: fetches the data of a started transfer.', answers: { 200: streams(ANY_TYPE, 'The data, as the provider sends it.'), 206: REST } },
  fetchDataBelow: { ...DO, method: 'get', path: '/transfers/{id}/data/{*rest}', tag: 'transfers', query: 'any', refusals: [409, 413, 422, 429],
    summary: 'Consumer: fetches what is below the endpoint; the rest of the path and the query go to the provider.',
    answers: { 200: streams(ANY_TYPE, 'The data, as the provider sends it.'), 206: REST } },

  addDatasets: { ...KEEP, path: '/datasets', tag: 'datasets', repeatable: true, summary: 'Publishes one dataset or a list of them: all or none.',
    ...takes(DATASETS), answers: { 201: shows(DATASET_OR_LIST) }, refusals: [409, 429] },
  listDatasets:  { ...LOOK, path: '/datasets',      tag: 'datasets', summary: 'Datasets.', query: PAGE, answers: pages('Dataset') },
  readDataset:   { ...LOOK, path: '/datasets/{id}', tag: 'datasets', summary: 'One dataset.', answers: { 200: shows('Dataset') } },
  removeDataset: { ...DROP, path: '/datasets/{id}', tag: 'datasets', summary: 'Removes a dataset from the catalogue.', answers: { 204: NOTHING } },

  listOffers:     { ...LOOK, path: '/offers', tag: 'policies', summary: 'The offers that the policy files give.', answers: pages('OfferDefinition') },
  reloadPolicies: { ...KEEP, path: '/policies/reload', tag: 'policies', summary: 'Reads the policy files again: all of them or, on any finding, none.',
    ...mayTake(NO_MEMBERS), answers: { 200: shows(FINDINGS, 'They are in force.'), 422: shows(FINDINGS, 'What is wrong; those before stay in force.') } },

  readPolicies: { ...LOOK, path: '/policies', tag: 'policies', summary: 'Which generation of the policy files is in force, what was refused since, and those before it.',
    answers: { 200: shows('Policies') } },
  rollbackPolicies: { ...KEEP, path: '/policies/rollback', tag: 'policies', summary: 'Puts an earlier generation in force again, as a new one, until the files change or are reloaded.',
    ...takes(ROLLBACK), answers: { 200: shows('Policies', 'It is in force.') }, refusals: [404, 422] },

  putPeer:    { ...KEEP, path: '/peers', tag: 'peers', repeatable: true, summary: 'Adds a peer to the register, or changes the one that is listed.',
    ...takes(PEER), answers: { 201: shows('Peer') }, refusals: [409, 429] },
  listPeers:  { ...LOOK, path: '/peers',       tag: 'peers', summary: 'The register of peers.', query: PAGE, answers: pages('Peer') },
  removePeer: { ...DROP, path: '/peers/{did}', tag: 'peers', summary: 'Removes a peer from the register.', answers: { 204: NOTHING } },

  addToken:    { ...KEEP, path: '/tokens', tag: 'tokens', summary: 'Makes a management token. Its value is in this answer and nowhere else.',
    ...takes(TOKEN), answers: { 201: shows('NewToken') }, refusals: [409, 429] },
  listTokens:  { ...KEEP, method: 'get', path: '/tokens', tag: 'tokens', summary: 'Management tokens, without their values.', answers: pages('Token') },
  revokeToken: { ...DROP, path: '/tokens/{name}', tag: 'tokens', summary: 'Revokes a token at once. The last administrator stays.',
    answers: { 204: NOTHING }, refusals: [409] },

  rotateKey: { ...KEEP, path: '/identity/rotate', tag: 'identity', refusals: [429],
    summary: 'Makes another signing key: published now, in use when peers had the time to see it. At once: the present key goes now.',
    ...mayTake(ROTATION), answers: { 200: shows('KeyRotation') } },

  explain: { ...LOOK, path: '/explain', tag: 'policies', query: { peer: TEXT, dataset: TEXT, offer: TEXT, phase: { enum: EXPLAINED } },
    summary: 'Why a participant (`peer`) can or cannot see or use a `dataset`: for each offer and agreement the clause and the fact that decide.',
    answers: { 200: shows('Explanation') } },
  readStatus: { ...LOOK, path: '/status', tag: 'operation', summary: 'Who this connector is, whether it serves, and how much of everything there is.',
    answers: { 200: shows('Status') } },
  runRetention: { ...KEEP, path: '/retention/run', tag: 'operation', refusals: [],
    summary: 'Removes now what is over and was kept long enough (settings `retention`). Runs by itself once a day.',
    ...mayTake(NO_MEMBERS), answers: { 200: shows('RetentionRun') } },
  readInbox: { ...LOOK, path: '/inbox', tag: 'inbox', summary: 'What waits for a person, longest first.', query: PAGE,
    answers: { 200: shows(pageOf(WAITING)) } },
  readEvidence: { ...LOOK, work: 'audit', path: '/evidence', tag: 'evidence', summary: 'The evidence log, or what it has of one process.',
    query: { ...SEQ_PAGE, pid: TEXT }, answers: { 200: shows(closed({ items: listOf(ref('EvidenceEntry')), next: { type: ['integer', 'null'] }, head: HEAD })) } },
  followEvents: { ...LOOK, path: '/events', tag: 'evidence', query: { after: AFTER_SEQ, type: EVENT_TYPES }, refusals: [429],
    summary: 'What happens, as it happens: the evidence as server-sent events. Goes on after `Last-Event-ID`, or else after `after`; from now on without either.',
    answers: { 200: streams(EVENT_STREAM, 'One event an entry: `id` is its number, `event` its type, `data` its envelope.') } },
} as const satisfies Readonly<Record<string, Operation>>

export type OperationId = keyof typeof OPERATIONS
