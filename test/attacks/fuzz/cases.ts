// One case of the fuzz: who sends what, where. Five kinds of sender, each with its own bounds on what may come of it.

import { everyMessage } from '../../fixtures/messages.ts'
import type { Chance } from './chance.ts'
import { mutated, shaken, textOf } from './mutate.ts'

export interface Target {
  readonly kind: 'negotiations' | 'transfers'
  readonly own: string
  readonly providerPid: string
  readonly consumerPid: string
}

/** What there is to be attacked. */
export interface World {
  readonly publicPort: number
  readonly managementPort: number
  /** Authorization values. The owner's processes are the targets; the stranger is listed and has none. */
  readonly owner: string
  readonly stranger: string
  readonly viewer: string
  readonly callbackAddress: string
  readonly targets: readonly Target[]
}

export type Sender = 'owner' | 'stranger' | 'nobody' | 'viewer' | 'noise'

export interface Case {
  readonly sender: Sender
  readonly port: number
  /** A request, or bytes that are to be one. */
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  readonly raw: Uint8Array | null
}

const DSP = '/dsp/2025-1'
// prettier-ignore
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'TRACE', 'PROPFIND', 'LOCK', 'QUERY', 'REPORT']
// prettier-ignore
const SEGMENTS = [
  '', '.', '..', '%2e%2e', '%2f', '%5c', '%00', '%zz', '%c0%ae', 'negotiations', 'transfers', 'catalog', 'datasets', 'request', 'offers', 'agreement', 'verification', 'events',
  'termination', 'start', 'suspension', 'completion', 'data', 'token', 'dsp', '2025-1', 'api', 'v1', '.well-known', 'did.json', 'healthz', 'x'.repeat(3_000), '__proto__', 'urn:uuid:1',
  '*', ':pid', '{id}', ';a=b', 'a b'.replace(' ', '%20'), '%F0%9F%98%80', '~', '-', "'", '"'.replace('"', '%22'),
]
// prettier-ignore
const HEADERS: readonly (readonly [string, string])[] = [
  ['content-type', 'text/plain'], ['content-type', 'application/x-www-form-urlencoded'], ['content-type', 'application/ld+json'], ['content-type', 'application/json; charset=utf-7'], ['content-type', ''], ['content-encoding', 'gzip'],
  ['content-encoding', 'identity'], ['accept', 'text/html'], ['accept-encoding', 'gzip;q=9, *;q=0'], ['range', 'bytes=0-0,1-1'], ['range', 'bytes=-'], ['if-range', '"x"'], ['if-none-match', '*'],
  ['expect', '100-continue'], ['x-http-method-override', 'DELETE'], ['x-forwarded-host', 'evil.example'], ['origin', 'null'], ['cookie', 'a=b'], ['te', 'trailers'], ['via', '1.1 x'],
  ['idempotency-key', 'x'], ['last-event-id', '-1'], ['lingqu-purpose', 'x'.repeat(3_000)], ['lingqu-purpose', '%'], ['upgrade', 'h2c'], ['max-forwards', '0'],
]

/** What the token endpoint takes. */
const FORM = Buffer.from('grant_type=refresh_token&refresh_token=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx')

export function caseOf(world: World, chance: Chance): Case {
  const share = chance.below(100)
  if (share < 40) return message(world, 'owner', world.owner, chance)
  if (share < 60) return message(world, 'stranger', world.stranger, chance)
  if (share < 72)
    return wandering(
      world,
      'nobody',
      chance.pick([
        '',
        '',
        'Bearer x',
        'Bearer a.b.c',
        `Bearer ${'x'.repeat(43)}`,
        'Basic eDp5',
        'Bearer',
        ' ',
        world.owner.toLowerCase(),
      ]),
      chance,
    )
  if (share < 80) {
    const isOwner = chance.isOneIn(2)
    return wandering(world, isOwner ? 'owner' : 'stranger', isOwner ? world.owner : world.stranger, chance)
  }
  if (share < 90) return management(world, chance)
  return noise(world, chance)
}

/** A message that was valid, on the path that it belongs to; by its owner it may still be, and is then admitted. */
function message(world: World, sender: Sender, authorization: string, chance: Chance): Case {
  const target = chance.pick(world.targets)
  const all = everyMessage(target.providerPid, target.consumerPid, world.callbackAddress)
  const [path, valid] = chance.pick(all)
  const to = path.replace(target.providerPid, target.own)
  const body = chance.isOneIn(8) ? valid : mutated(valid, chance)
  const bytes = Buffer.from(textOf(body, chance))
  return {
    sender: authorization === world.owner ? 'owner' : sender,
    port: world.publicPort,
    method: 'POST',
    path: `${DSP}${chance.isOneIn(30) ? to.replace(target.own, chance.pick(SEGMENTS)) : to}`,
    headers: { 'content-type': 'application/json', authorization, ...odd(chance) },
    body: chance.isOneIn(10) ? shaken(bytes, chance) : bytes,
    raw: null,
  }
}

function odd(chance: Chance): Readonly<Record<string, string>> {
  if (!chance.isOneIn(6)) return {}
  const [name, value] = chance.pick(HEADERS)
  return { [name]: value }
}

function wandering(world: World, sender: Sender, authorization: string, chance: Chance): Case {
  const start = chance.pick([
    DSP,
    DSP,
    '/data',
    '/data/token',
    '/.well-known',
    '',
    `${DSP}/negotiations`,
    `${DSP}/transfers`,
    `${DSP}/catalog`,
  ])
  const rest = Array.from({ length: chance.below(5) }, () =>
    chance.pick([...SEGMENTS, ...world.targets.map(({ own }) => own)]),
  )
  const query = chance.pick([
    '',
    '',
    '',
    '?',
    '?continuationToken=a.eA',
    '?continuationToken=%00',
    '?a[b]=c&a=d',
    `?${'x'.repeat(2_000)}`,
    '?__proto__=1',
  ])
  return {
    sender,
    port: world.publicPort,
    method: chance.pick(METHODS),
    path: `${start}/${rest.join('/')}${query}`,
    headers: { ...(authorization !== '' && { authorization }), ...odd(chance) },
    body: chance.isOneIn(4) ? shaken(FORM, chance) : chance.bytes(chance.pick([0, 0, 10, 1_000])),
    raw: null,
  }
}

// prettier-ignore
const BODIES: readonly unknown[] = [
  { did: 'did:web:x.example', name: 'x', claims: {}, address: null }, { '@id': 'urn:x', title: 'x', source: { type: 'file', path: '/etc/passwd' } }, { name: 'x', scope: 'administrator' },
  { counterPartyId: 'did:web:x.example', offer: { '@id': 'x', '@type': 'Offer', target: 'x', permission: [{ action: 'use' }] } }, { agreementId: 'x', format: 'HttpData-PULL' }, { reason: 'x' },
]

/** By someone who may look at everything and change nothing. */
function management(world: World, chance: Chance): Case {
  const what = chance.pick([
    'datasets',
    'peers',
    'tokens',
    'negotiations',
    'transfers',
    'agreements',
    'policies',
    'evidence',
    'inbox',
    'offers',
    'identity',
    'nothing',
  ])
  const rest = Array.from({ length: chance.below(3) }, () =>
    chance.pick([...SEGMENTS, 'reload', 'end', 'terminate', 'rotate', ...world.targets.map(({ own }) => own)]),
  )
  const query = chance.pick(['', '', '', '?limit=5', '?limit=-1', '?after=%00', '?after=0', '?a=b', '?__proto__=1'])
  const method = chance.pick(METHODS)
  return {
    sender: 'viewer',
    port: world.managementPort,
    method,
    path: `/api/v1/${[what, ...rest].join('/')}${query}`,
    headers: {
      authorization: chance.isOneIn(4) ? '' : world.viewer,
      'content-type': 'application/json',
      ...odd(chance),
    },
    body: method === 'POST' ? Buffer.from(textOf(mutated(chance.pick(BODIES), chance), chance)) : new Uint8Array(),
    raw: null,
  }
}

/** Bytes that were once a request. Nobody's: the token in them is none. */
function noise(world: World, chance: Chance): Case {
  const { method, path, headers, body } = wandering(world, 'noise', '', chance)
  const fields = Object.entries({
    host: 'localhost',
    connection: 'close',
    'content-length': String(body.length),
    ...headers,
  })
  const head = `${method} ${path} HTTP/1.1\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
  const whole = Buffer.concat([Buffer.from(head, 'latin1'), body])
  const raw = chance.isOneIn(3) ? chance.bytes(1 + chance.below(2_000)) : shaken(whole, chance)
  return {
    sender: 'noise',
    port: chance.isOneIn(2) ? world.publicPort : world.managementPort,
    method,
    path,
    headers,
    body,
    raw,
  }
}
