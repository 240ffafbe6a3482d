// The spellings of one message that JSON-LD allows and peers use: prefixes, full IRIs, wrapped values, things for lists.

import { NAMESPACES, type Prefix } from '../../../src/protocol/dsp/terms.ts'
import type { Message } from './judge.ts'

// prettier-ignore
const TERMS: Readonly<Record<Prefix, readonly string[]>> = {
  dspace: ['providerPid', 'consumerPid', 'callbackAddress', 'agreementId', 'eventType', 'state', 'code', 'reason', 'offer',
           'agreement', 'timestamp', 'dataAddress', 'endpointType', 'endpoint', 'endpointProperties', 'name', 'value', 'participantId'],
  dcat:   ['service', 'dataset', 'distribution', 'accessService', 'endpointURL', 'endpointDescription'],
  dct:    ['format'],
  odrl:   ['hasPolicy', 'permission', 'prohibition', 'obligation', 'action', 'constraint', 'leftOperand', 'operator',
           'rightOperand', 'target', 'assigner', 'assignee'],
}
const PREFIX_OF = new Map(
  Object.entries(TERMS).flatMap(([prefix, terms]) => terms.map((term) => [term, prefix as Prefix] as const)),
)

/** Whose values are words of a vocabulary, not texts: they are spelled as the terms are. */
const WORDS: Readonly<Record<string, Prefix>> = {
  eventType: 'dspace',
  state: 'dspace',
  action: 'odrl',
  leftOperand: 'odrl',
  operator: 'odrl',
}
const REFERENCES = new Set([
  'providerPid',
  'consumerPid',
  'agreementId',
  'target',
  'assigner',
  'assignee',
  'participantId',
  'format',
  'endpointType',
])
const LITERALS = new Set([
  'callbackAddress',
  'code',
  'timestamp',
  'endpoint',
  'name',
  'value',
  'rightOperand',
  'endpointURL',
])
const ODRL_TYPES = new Set(['Offer', 'Agreement'])
const DCAT_TYPES = new Set(['Catalog', 'Dataset', 'Distribution', 'DataService'])

interface Spelling {
  readonly name: (term: string, prefix: Prefix) => string
  readonly wrap: (key: string, value: unknown) => unknown
  /** A list where the message has one. */
  readonly list: (items: readonly unknown[]) => unknown
}

const asItIs = (_key: string, value: unknown): unknown => value
const wrapped = (key: string, value: unknown): unknown =>
  REFERENCES.has(key) || key in WORDS ? { '@id': value } : LITERALS.has(key) ? { '@value': value } : value
const bareName = (term: string): string => term
const fullName = (term: string, prefix: Prefix): string => NAMESPACES[prefix] + term
const prefixedName = (term: string, prefix: Prefix): string => `${prefix}:${term}`
const inLists = (items: readonly unknown[]): unknown => items
const alone = (items: readonly unknown[]): unknown => (items.length === 1 ? items[0] : items)

// prettier-ignore
const SPELLINGS: Readonly<Record<string, Spelling>> = {
  'with prefixes':                     { name: prefixedName, wrap: asItIs,  list: inLists },
  'as full IRIs':                      { name: fullName,     wrap: asItIs,  list: inLists },
  'with values in objects':            { name: bareName,     wrap: wrapped, list: inLists },
  'with one thing where a list is':    { name: bareName,     wrap: asItIs,  list: alone },
  'with all of it at once':            { name: fullName,     wrap: wrapped, list: alone },
}

export type Respell = (message: Message) => Message

/** Every spelling by its name: the message in it means the same. */
export const RESPELLINGS: readonly (readonly [how: string, respell: Respell])[] = [
  ...Object.entries(SPELLINGS).map(
    ([how, spelling]) => [how, (message: Message) => respell(message, spelling)] as const,
  ),
  ['with members and contexts of its own', withMore],
]

function respell(message: Message, spelling: Spelling): Message {
  const { '@context': context, ...members } = message
  return { '@context': spelling.list(context as readonly unknown[]), ...node(members, spelling) }
}

function node(members: Message, spelling: Spelling): Message {
  return Object.fromEntries(Object.entries(members).map(([key, value]) => member(key, value, spelling)))
}

function member(key: string, value: unknown, spelling: Spelling): readonly [string, unknown] {
  if (key === '@type') return [key, typeName(String(value), spelling)]
  const prefix = PREFIX_OF.get(key)
  const name = prefix === undefined ? key : spelling.name(key, prefix)
  if (Array.isArray(value)) return [name, spelling.list(value.map((each) => inside(key, each, spelling)))]
  return [name, inside(key, value, spelling)]
}

function inside(key: string, value: unknown, spelling: Spelling): unknown {
  if (typeof value === 'object' && value !== null) return node(value as Message, spelling)
  const word = WORDS[key]
  return prefixless(key) ? value : spelling.wrap(key, word === undefined ? value : spelling.name(String(value), word))
}

/** What is no term of ours has no spelling but its own. */
function prefixless(key: string): boolean {
  return !PREFIX_OF.has(key) || key === 'reason' || key === 'accessService'
}

function typeName(type: string, { name }: Spelling): string {
  return name(type, ODRL_TYPES.has(type) ? 'odrl' : DCAT_TYPES.has(type) ? 'dcat' : 'dspace')
}

function withMore(message: Message): Message {
  const contexts = message['@context'] as readonly unknown[]
  return {
    ...message,
    '@context': [
      'https://w3id.org/catenax/2025/9/policy/context.jsonld',
      ...contexts,
      'https://peer.example/context.jsonld',
    ],
    'https://peer.example/ns/trace': { '@value': 'abc' },
    note: ['anything', { at: 'all' }],
    edc: null,
  }
}
