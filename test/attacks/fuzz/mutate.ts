// Valid messages made wrong, or odd, or still valid in another way: first as trees, so that most of each stays as it was; then
// as text and bytes.

import type { Chance } from './chance.ts'

type Members = Record<string, unknown>

const LONG = 'x'.repeat(5_000)

// prettier-ignore
const TEXTS: readonly string[] = [
  '', ' ', 'a', LONG, '\u0000', '\ufeff', '\u202e', '灵渠', '😀', 'urn:uuid:00000000-0000-4000-8000-000000000000', '../..', '%2e%2e%2f', '/etc/passwd', "' OR 1=1 --", '"', '\\',
  '<script>', '\r\nX-Injected: yes', '${jndi:ldap://x}', '__proto__', 'constructor', 'toString', 'REQUESTED', 'ACCEPTED', 'FINALIZED', 'Offer', 'Agreement', 'use', 'count', 'spatial',
  'purpose', 'dateTime', 'eq', 'lteq', 'isAnyOf', '2026-02-30T25:61:61Z', '-292277022657-01-27T08:29:52Z', '1e999', 'NaN', 'true', 'null', '0', '-1', 'http://localhost:1/dsp',
  'http://169.254.169.254/', 'https://[::1]/', 'file:///etc/passwd', 'https://w3id.org/dspace/2025/1/', 'http://www.w3.org/ns/odrl/2/permission', '@type', '@graph', '@context',
]
// prettier-ignore
const VALUES: readonly unknown[] = [
  null, true, false, 0, -0, -1, 1, 0.1, 1e308, 5e-324, 9_007_199_254_740_991, -2_147_483_649, [], {}, [[]], [null], [{}], [[[[[[[[[[]]]]]]]]]],
  { '@value': 'x' }, { '@value': null }, { '@id': null }, { '@list': null }, { '@list': [null] }, { '@id': 'x' }, { '@list': ['x'] }, { '@set': [] }, { '@value': 1, '@type': 'xsd:integer' }, { '@language': 'en', '@value': 'x' }, { '@graph': [] },
]
// prettier-ignore
const NAMES: readonly string[] = [
  '@id', '@type', '@context', '@graph', '@reverse', '@included', 'offer', 'agreement', 'permission', 'prohibition', 'obligation', 'duty', 'constraint', 'refinement', 'action',
  'target', 'assigner', 'assignee', 'providerPid', 'consumerPid', 'callbackAddress', 'eventType', 'code', 'reason', 'dataAddress', 'endpoint', 'endpointProperties', 'filter', 'format',
  'agreementId', 'timestamp', 'hasPolicy', 'and', 'or', 'xone', 'andSequence', 'leftOperand', 'rightOperand', 'rightOperandReference', 'unit', 'dataType', 'inheritFrom', 'conflict',
  'profile', '__proto__', 'constructor', 'toJSON', 'then', 'length', '', ' ', 'dspace:providerPid', 'odrl:permission', 'https://w3id.org/dspace/2025/1/consumerPid',
]

interface Place {
  readonly parent: Members | unknown[]
  readonly key: string
}

/** One to four changes to a copy of the message. */
export function mutated(message: unknown, chance: Chance): unknown {
  const root: Members = { root: structuredClone(message) }
  for (let left = 1 + chance.below(4); left > 0; left--) change(root, chance)
  return root['root']
}

function change(root: Members, chance: Chance): void {
  const places = placesIn(root)
  const { parent, key } = chance.pick(places)
  const value = at(parent, key)
  switch (chance.below(10)) {
    case 0:
      if (Array.isArray(parent)) parent.splice(Number(key), 1)
      else if (parent !== root) Reflect.deleteProperty(parent, key)
      return
    case 1:
      put(parent, key, chance.pick(TEXTS))
      return
    case 2:
      put(parent, key, structuredClone(chance.pick(VALUES)))
      return
    case 3:
      put(parent, key, [value])
      return
    case 4:
      put(
        parent,
        key,
        Array.from({ length: chance.pick([2, 3, 70]) }, () => structuredClone(value)),
      )
      return
    case 5: {
      const other = chance.pick(places)
      put(parent, key, structuredClone(at(other.parent, other.key)))
      return
    }
    case 6:
      if (typeof value === 'object' && value !== null && !Array.isArray(value))
        put(value as Members, chance.pick(NAMES), structuredClone(chance.pick([...VALUES, ...TEXTS])))
      else put(parent, key, { '@value': value })
      return
    case 7:
      if (Array.isArray(parent) || parent === root) return
      Reflect.deleteProperty(parent, key)
      put(parent, chance.pick([...NAMES, key.toUpperCase(), `dspace:${key}`, `odrl:${key}`, ` ${key}`]), value)
      return
    case 8:
      put(parent, key, typeof value === 'string' ? spelt(value, chance) : { '@id': value })
      return
    default:
      put(parent, key, nested(value, chance.pick([2, 30, 62, 70])))
  }
}

function spelt(text: string, chance: Chance): unknown {
  const position = chance.below(text.length + 1)
  return chance.pick<unknown>([
    text.slice(0, position),
    `${text.slice(0, position)}${chance.pick(TEXTS)}${text.slice(position)}`,
    text.toUpperCase(),
    ` ${text} `,
    Number(text),
    text.repeat(3),
    encodeURIComponent(text),
    { '@value': text },
  ])
}

function nested(value: unknown, depth: number): unknown {
  let out = value
  for (let level = 0; level < depth; level++) out = level % 2 === 0 ? [out] : { and: out }
  return out
}

function placesIn(root: Members): readonly Place[] {
  const places: Place[] = []
  const walk = (parent: Members | unknown[], depth: number): void => {
    for (const key of Object.keys(parent)) {
      if (places.length >= 500) return
      places.push({ parent, key })
      const value = at(parent, key)
      if (typeof value === 'object' && value !== null && depth < 20) walk(value as Members, depth + 1)
    }
  }
  walk(root, 0)
  return places
}

function at(parent: Members | unknown[], key: string): unknown {
  return Array.isArray(parent) ? parent[Number(key)] : parent[key]
}

/** `__proto__` becomes a member like any other. */
function put(parent: Members | unknown[], key: string, value: unknown): void {
  Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true })
}

/** The text of a message, now and then with something in it that JSON would not write. */
export function textOf(message: unknown, chance: Chance): string {
  const text = JSON.stringify(message) as string | undefined
  if (text === undefined) return ''
  if (!chance.isOneIn(5)) return text
  const position = chance.below(text.length + 1)
  return chance.pick([
    text.slice(0, position),
    `${text}${text}`,
    `\ufeff${text}`,
    text.replace('{', '{"@type":"X",'),
    `${text.slice(0, position)}${chance.pick(['"', '{', '}', ',', '\\', '\\ud800', '1e999', '//', '\u0000'])}${text.slice(position)}`,
    text.replaceAll('"', "'"),
    text.padEnd(70_000),
  ])
}

/** Bytes with a few of them changed, left out or put in. */
export function shaken(bytes: Uint8Array, chance: Chance): Uint8Array {
  const out = [...bytes]
  for (let left = 1 + chance.below(4); left > 0; left--) {
    const position = chance.below(out.length + 1)
    switch (chance.below(3)) {
      case 0:
        out.splice(position, 1 + chance.below(5))
        break
      case 1:
        out.splice(position, 0, ...chance.bytes(1 + chance.below(5)))
        break
      default:
        if (position < out.length) out[position] = chance.below(256)
    }
  }
  return Uint8Array.from(out)
}
