// What the management API takes: the schema of each body beside the type that it makes certain.

import type { NegotiationAutomation, TransferAutomation } from '../../domain/exchange/automation.ts'
import { SCOPES, type Scope } from '../../domain/access/scopes.ts'
import { RECORD_LIMITS } from '../../domain/obligation/record.ts'
import type { ParticipantId, Role } from '../../protocol/ids.ts'
import { closed, optional, OPTIONAL_TEXT, TEXT, type Schema } from './schemas.ts'

const DATASETS_MAX = 1_000
const FILTERS_MAX = 16
const CLAIMS_MAX = 100
const FORMATS_MAX = 20

type Maybe<T> = T | null | undefined

/** An offer in any spelling that peers use: its inside is read, and refused with its place, as that of a message is. */
const OFFER: Schema = {
  type: 'object',
  description: 'an ODRL Offer with @id, @type, target and rules',
  properties: { '@id': TEXT },
  required: ['@id'],
}

const COUNTERPARTY = { counterPartyId: TEXT, counterPartyAddress: OPTIONAL_TEXT }
export interface CounterpartyBody {
  readonly counterPartyId: ParticipantId
  /** Its DSP base, where it is not to be looked up. */
  readonly counterPartyAddress?: Maybe<string>
}

export const CATALOG_QUESTION = closed(
  { ...COUNTERPARTY, filter: { type: 'array', maxItems: FILTERS_MAX } },
  ...['counterPartyAddress', 'filter'],
)
export interface CatalogBody extends CounterpartyBody {
  readonly filter?: readonly unknown[]
}

export const CONNECT_REQUEST = closed(
  { ...COUNTERPARTY, datasetId: TEXT, format: OPTIONAL_TEXT },
  ...['counterPartyAddress', 'format'],
)
export interface ConnectBody extends CounterpartyBody {
  readonly datasetId: string
  readonly format?: Maybe<string>
}

const TRANSFER_AUTOMATION = closed(
  { onRequested: { enum: ['start', 'manual'] }, onPushed: { enum: ['complete', 'manual'] } },
  ...['onRequested', 'onPushed'],
)

// prettier-ignore
const PROVIDER_STEPS = {
  onRequested:        { enum: ['agree', 'offer', 'manual'] },
  onCounterRequested: { enum: ['agree', 'offer', 'manual'] },
  onAccepted:         { enum: ['agree', 'manual'] },
  onVerified:         { enum: ['finalize', 'manual'] },
  transfer:           TRANSFER_AUTOMATION,
}
// prettier-ignore
const CONSUMER_STEPS = {
  onOffered: { enum: ['accept', 'manual'] },
  onAgreed:  { enum: ['verify', 'manual'] },
}

function steps(properties: Readonly<Record<string, Schema>>): Schema {
  return { properties: { automation: optional(closed(properties, ...Object.keys(properties))) } }
}

/** Which steps there are to be settled depends on the role: those of the other side would never be taken. */
export const NEGOTIATION_REQUEST: Schema = {
  ...closed(
    {
      ...COUNTERPARTY,
      role: { type: ['string', 'null'], enum: ['CONSUMER', 'PROVIDER', null], description: 'CONSUMER or PROVIDER' },
      offer: OFFER,
      automation: { type: ['object', 'null'] },
    },
    ...['counterPartyAddress', 'role', 'automation'],
  ),
  if: { properties: { role: { const: 'PROVIDER' } }, required: ['role'] },
  then: steps(PROVIDER_STEPS),
  else: steps(CONSUMER_STEPS),
}
export interface NegotiationBody extends CounterpartyBody {
  /** CONSUMER where it is not given. */
  readonly role?: Maybe<Role>
  readonly offer: unknown
  readonly automation?: Maybe<Partial<NegotiationAutomation>>
}

/** Where a push shall go: their insides are read, and refused with their place. */
const PLACES: Readonly<Record<string, Schema>> = {
  dataAddress: { type: ['object', 'null'], description: 'a DataAddress of yours that takes the data' },
  sink: { type: ['object', 'null'], description: 'a sink of type file, http or s3 that this connector fills' },
}
export const TRANSFER_REQUEST = closed(
  { agreementId: TEXT, format: OPTIONAL_TEXT, ...PLACES, automation: optional(TRANSFER_AUTOMATION) },
  ...['format', 'dataAddress', 'sink', 'automation'],
)
export interface TransferBody {
  readonly agreementId: string
  readonly format?: Maybe<string>
  readonly dataAddress?: Maybe<Readonly<Record<string, unknown>>>
  readonly sink?: Maybe<Readonly<Record<string, unknown>>>
  readonly automation?: Maybe<Partial<TransferAutomation>>
}

export const NO_MEMBERS = closed({})
export type NoBody = Readonly<Record<string, never>>

export const ANOTHER_OFFER = closed({ offer: OFFER }, 'offer')
export interface OfferBody {
  readonly offer?: unknown
}

export const WORDS = closed({ code: OPTIONAL_TEXT, reason: OPTIONAL_TEXT }, 'code', 'reason')
export interface WordsBody {
  readonly code?: Maybe<string>
  readonly reason?: Maybe<string>
}

export const REASON = closed({ reason: OPTIONAL_TEXT }, 'reason')
export type ReasonBody = Pick<WordsBody, 'reason'>

export const RECORD = closed(
  {
    name: TEXT,
    value: { anyOf: [TEXT, { type: 'array', minItems: 1, maxItems: RECORD_LIMITS.valuesMax, items: TEXT }] },
    unit: OPTIONAL_TEXT,
    validUntil: OPTIONAL_TEXT,
    reference: OPTIONAL_TEXT,
  },
  ...['unit', 'validUntil', 'reference'],
)
export interface RecordBody {
  /** A left operand that is taken from the record, or a reference such as `annex:endDate`. */
  readonly name: string
  readonly value: string | readonly string[]
  readonly unit?: Maybe<string>
  /** An xsd:dateTime with its zone. */
  readonly validUntil?: Maybe<string>
  readonly reference?: Maybe<string>
}

const PROOF = closed(
  { reference: OPTIONAL_TEXT, digest: OPTIONAL_TEXT, text: OPTIONAL_TEXT },
  ...['reference', 'digest', 'text'],
)
export const FULFILMENT = closed({ duty: TEXT, proof: optional(PROOF) }, 'proof')
export interface FulfilmentBody {
  /** The place of the duty in the agreement's policy, or its uid. */
  readonly duty: string
  readonly proof?: Maybe<{ readonly [key in 'reference' | 'digest' | 'text']?: Maybe<string> }>
}

const NEVER: Schema = { not: {} }

/** DCAT's own properties are the operator's affair; only what the connector reads is pinned. */
const DATASET: Schema = {
  type: 'object',
  properties: {
    '@id': TEXT,
    '@type': {},
    formats: { type: ['array', 'null'], minItems: 1, maxItems: FORMATS_MAX, items: TEXT },
    source: { type: ['object', 'null'], description: 'a source of type file, http or s3' },
    hasPolicy: { ...NEVER, description: 'no offers here: they come from the policy files' },
    distribution: { ...NEVER, description: 'no distributions here: they follow from `formats`' },
  },
  required: ['@id'],
}
export const DATASETS: Schema = {
  if: { type: 'array' },
  then: { type: 'array', minItems: 1, maxItems: DATASETS_MAX, items: DATASET },
  else: DATASET,
}
export interface DatasetBody {
  readonly '@id': string
  readonly formats?: Maybe<readonly string[]>
  readonly source?: unknown
  readonly [property: string]: unknown
}

export const PEER = closed(
  {
    did: TEXT,
    name: OPTIONAL_TEXT,
    claims: { type: ['object', 'null'], maxProperties: CLAIMS_MAX, additionalProperties: { type: 'string' } },
    address: OPTIONAL_TEXT,
  },
  ...['name', 'claims', 'address'],
)
export interface PeerBody {
  readonly did: ParticipantId
  readonly name?: Maybe<string>
  readonly claims?: Maybe<Readonly<Record<string, string>>>
  readonly address?: Maybe<string>
}

export const ROTATION = closed(
  { atOnce: { type: ['boolean', 'null'], description: 'true: the present key is known to others and must go now' } },
  'atOnce',
)
export interface RotationBody {
  readonly atOnce?: Maybe<boolean>
}

export const ROLLBACK = closed({ generation: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER } })
export interface RollbackBody {
  readonly generation: number
}

export const TOKEN = closed({
  name: {
    type: 'string',
    pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
    description: 'a name of 1 to 64 letters, digits, ".", "_" and "-"',
  },
  scope: { enum: SCOPES },
})
export interface TokenBody {
  readonly name: string
  readonly scope: Scope
}
