// The messages of the catalog protocol, DSP 2025-1: the request, and the Catalog and Dataset that answer it.

import type { Schema } from './parts.ts'
import { CODED, CONTEXT, ID, listOf, message, object, REASONS_MAX, WORD } from './parts.ts'
import { CATALOG_OFFER } from './policy.ts'

const FILTERS_MAX = 16
const DATASETS_MAX = 10_000
const SERVICES_MAX = 1_000
const DISTRIBUTIONS_MAX = 100
const OFFERS_MAX = 1_000

const OFFERS = listOf({ $ref: '#/$defs/Offer' }, OFFERS_MAX)
const DISTRIBUTIONS = listOf({ $ref: '#/$defs/Distribution' }, DISTRIBUTIONS_MAX)

const DATA_SERVICE_PROPERTIES = { '@id': ID, '@type': { const: 'DataService' }, endpointURL: WORD }
const DATA_SERVICE = object(DATA_SERVICE_PROPERTIES, ['@id', '@type', 'endpointURL'])

const ACCESS_SERVICE: Schema = {
  oneOf: [ID, { $ref: '#/$defs/DataService' }],
  description: 'the @id of a DataService, or a DataService with @id, @type and endpointURL',
}
const DISTRIBUTION = object(
  { '@type': { const: 'Distribution' }, format: WORD, accessService: ACCESS_SERVICE, hasPolicy: OFFERS },
  ['accessService', 'format'],
)

const DATASET_PROPERTIES = { '@id': ID, '@type': { const: 'Dataset' }, hasPolicy: OFFERS, distribution: DISTRIBUTIONS }
const DATASET_REQUIRED = ['@id', 'hasPolicy', 'distribution']

// A Catalog may hold Catalogs; only the outermost has a context and a participant.
const CATALOG_PROPERTIES: Readonly<Record<string, Schema>> = {
  '@id': ID,
  '@type': { const: 'Catalog' },
  service: listOf({ $ref: '#/$defs/DataService' }, SERVICES_MAX),
  dataset: listOf({ $ref: '#/$defs/Dataset' }, DATASETS_MAX),
  catalog: listOf({ $ref: '#/$defs/Catalog' }, DATASETS_MAX),
  distribution: DISTRIBUTIONS,
}
const CATALOG_REQUIRED = ['@id', '@type']
const NO_POLICY: Schema = { not: { required: ['hasPolicy'] }, description: 'a Catalog without hasPolicy' }

// Referred to, not repeated: compiled once each, where a Catalog would otherwise take 100 ms to compile.
const $defs = {
  Offer: CATALOG_OFFER,
  DataService: DATA_SERVICE,
  Distribution: DISTRIBUTION,
  Dataset: object(DATASET_PROPERTIES, DATASET_REQUIRED),
  Catalog: { ...object(CATALOG_PROPERTIES, CATALOG_REQUIRED), ...NO_POLICY },
}

const ROOT_CATALOG = object({ ...CATALOG_PROPERTIES, '@context': CONTEXT, participantId: ID }, [
  ...['@context', 'participantId'],
  ...CATALOG_REQUIRED,
])
// Alone, a Dataset must say that it is one; within a Catalog its place says so.
const ROOT_DATASET = object({ ...DATASET_PROPERTIES, '@context': CONTEXT }, ['@context', '@type', ...DATASET_REQUIRED])

// prettier-ignore
export const CATALOG_SCHEMAS = {
  CatalogRequestMessage: message('CatalogRequestMessage', { filter: { type: 'array', maxItems: FILTERS_MAX } }, []),
  Catalog:               { $defs, ...ROOT_CATALOG, ...NO_POLICY },
  Dataset:               { $defs, ...ROOT_DATASET },
  // Only here the official schema allows an empty list of reasons.
  CatalogError:          message('CatalogError', { ...CODED, reason: { type: 'array', maxItems: REASONS_MAX } }, []),
}
