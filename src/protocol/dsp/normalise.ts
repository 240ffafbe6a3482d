// Brings every spelling of a DSP message that JSON-LD allows to the compact one, without a JSON-LD library.

import type { Problem, Result } from '../../kernel/problem.ts'
import { good, problem, ProblemError } from '../../kernel/problem.ts'
import type { MessageType } from './messages.ts'
import type { Prefix } from './terms.ts'
import { bare, spellings } from './terms.ts'

/**
 * What stands under a term:
 * `text` one string, perhaps wrapped as `{"@id": …}` or `{"@value": …}`; `word` a text from the vocabulary;
 * `list` a list of anything; `policy` and `policies` what `protocol/odrl` reads, untouched;
 * a name of `SHAPES`: an object of that shape, and with `[]` a list of them.
 */
type Kind = 'text' | 'word' | 'list' | 'policy' | 'policies' | ShapeName | `${ShapeName}[]`
type ShapeName = 'message' | 'dataAddress' | 'endpointProperty' | 'catalog' | 'dataset' | 'distribution' | 'dataService'

type Term = readonly [Prefix, Kind]

// The terms of each object, from the JSON-LD context of DSP 2025-1. What is not here is not ours, and stays as it came.
// prettier-ignore
const SHAPES: Readonly<Record<ShapeName, Readonly<Record<string, Term>>>> = {
  message: {
    providerPid:         ['dspace', 'text'],
    consumerPid:         ['dspace', 'text'],
    callbackAddress:     ['dspace', 'text'],
    agreementId:         ['dspace', 'text'],
    format:              ['dct',    'text'],
    eventType:           ['dspace', 'word'],
    state:               ['dspace', 'word'],
    code:                ['dspace', 'text'],
    reason:              ['dspace', 'list'],
    filter:              ['dspace', 'list'],
    offer:               ['dspace', 'policy'],
    agreement:           ['dspace', 'policy'],
    dataAddress:         ['dspace', 'dataAddress'],
  },
  dataAddress: {
    endpointType:        ['dspace', 'text'],
    endpoint:            ['dspace', 'text'],
    endpointProperties:  ['dspace', 'endpointProperty[]'],
  },
  endpointProperty: {
    name:                ['dspace', 'text'],
    value:               ['dspace', 'text'],
  },
  catalog: {
    participantId:       ['dspace', 'text'],
    service:             ['dcat',   'dataService[]'],
    dataset:             ['dcat',   'dataset[]'],
    catalog:             ['dcat',   'catalog[]'],
    distribution:        ['dcat',   'distribution[]'],
    hasPolicy:           ['odrl',   'policies'],
  },
  dataset: {
    hasPolicy:           ['odrl',   'policies'],
    distribution:        ['dcat',   'distribution[]'],
  },
  distribution: {
    format:              ['dct',    'text'],
    accessService:       ['dcat',   'dataService'],
    hasPolicy:           ['odrl',   'policies'],
  },
  dataService: {
    endpointURL:         ['dcat',   'text'],
    endpointDescription: ['dcat',   'text'],
  },
}

/** Every spelling of every term of a shape → the term and what stands under it. */
type Spelled = ReadonlyMap<string, { readonly term: string; readonly kind: Kind }>

const SPELLED = Object.fromEntries(
  Object.entries(SHAPES).map(([shape, terms]) => [
    shape,
    new Map(
      Object.entries(terms).flatMap(([term, [prefix, kind]]) =>
        spellings(term, prefix).map((key) => [key, { term, kind }] as const),
      ),
    ),
  ]),
) as unknown as Readonly<Record<ShapeName, Spelled>>

/**
 * Gives the compact form of a message: bare terms, `@type` and states without namespace, lists where lists are meant.
 * A message that is compact already comes back as the same object. What stands inside policies is left to `protocol/odrl`.
 * Refuses a term that comes under two spellings at once; what is otherwise wrong is left for the schema to say.
 */
export function normalise(type: MessageType, json: unknown): Result<unknown> {
  const only = Array.isArray(json) && json.length === 1 ? (json[0] as unknown) : json
  try {
    return good(node(only, type === 'Catalog' ? 'catalog' : type === 'Dataset' ? 'dataset' : 'message', true))
  } catch (error) {
    if (error instanceof ProblemError) return { ok: false, problem: error.problem }
    throw error
  }
}

type Members = Readonly<Record<string, unknown>>

function node(value: unknown, shape: ShapeName, isRoot = false): unknown {
  if (!isObject(value)) return value

  // A copy is made when the first member changes, so that compact input costs one look at each member. Object.fromEntries
  // defines members and does not assign them: `__proto__` stays a member.
  const spelled = SPELLED[shape]
  const entries = Object.entries(value)
  let changed = false
  for (const entry of entries) {
    const [key, before] = entry
    const { term, after } = member(key, before, spelled, isRoot)
    if (term !== key) {
      if (entries.some(([other]) => other === term)) throw new ProblemError(twice(term))
      entry[0] = term
      changed = true
    }
    if (after !== before) {
      entry[1] = after
      changed = true
    }
  }
  return changed ? Object.fromEntries(entries) : value
}

function twice(term: string): Problem {
  return problem('message.schema', `expected "${term}" once, and it comes under two spellings`, term)
}

function member(key: string, before: unknown, spelled: Spelled, isRoot: boolean): { term: string; after: unknown } {
  if (key === '@type') return { term: key, after: typeWord(before) }
  if (key === '@context') return { term: key, after: isRoot && typeof before === 'string' ? [before] : before }
  const known = spelled.get(key)
  return known === undefined ? { term: key, after: before } : { term: known.term, after: meant(before, known.kind) }
}

function meant(value: unknown, kind: Kind): unknown {
  switch (kind) {
    case 'text':
      return text(value)
    case 'word':
      return word(value)
    case 'policy':
      return value
    case 'list':
    case 'policies':
      return list(value)
    default:
      return kind.endsWith('[]') ? nodes(value, kind.slice(0, -2) as ShapeName) : single(value, kind as ShapeName)
  }
}

function nodes(value: unknown, shape: ShapeName): unknown {
  const items = list(value)
  if (!Array.isArray(items)) return items
  const after = items.map((item) => node(item, shape))
  return after.every((item, index) => item === items[index]) ? items : after
}

/** One object; a mere reference to one (`{"@id": …}`) is its id. */
function single(value: unknown, shape: ShapeName): unknown {
  const only = Array.isArray(value) && value.length === 1 ? (value[0] as unknown) : value
  return isObject(only) && Object.keys(only).length === 1 && '@id' in only ? only['@id'] : node(only, shape)
}

function list(value: unknown): unknown {
  return Array.isArray(value) || value === undefined || value === null ? value : [value]
}

function text(value: unknown): unknown {
  const only = Array.isArray(value) && value.length === 1 ? (value[0] as unknown) : value
  if (!isObject(only)) return only
  if ('@value' in only) return only['@value']
  return Object.keys(only).length === 1 && '@id' in only ? only['@id'] : only
}

function word(value: unknown): unknown {
  const only = text(value)
  return typeof only === 'string' ? bare(only) : only
}

const TYPES = new Set(['Catalog', 'Dataset', 'Distribution', 'DataService', 'DataAddress', 'EndpointProperty'])

/** Of several types the one that is a DCAT or DSP object: a peer's own types beside it change nothing. */
function typeWord(value: unknown): unknown {
  if (!Array.isArray(value) || value.length < 2) return word(value)
  return value.map(word).find((type) => typeof type === 'string' && TYPES.has(type)) ?? value
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
