// Many slightly wrong messages made from a right one: every member dropped, emptied or of another type, at every depth.

export interface Mutation {
  /** `offer.permission[0]`: the member that was changed, with the numbers of list items left out. */
  readonly at: string
  readonly change: string
  readonly json: unknown
}

type Json = Readonly<Record<string, unknown>> | readonly unknown[]

const REPLACEMENTS: readonly (readonly [string, unknown])[] = [
  ['a number', 42],
  ['null', null],
  ['an empty text', ''],
  ['another text', 'something else'],
  ['an empty list', []],
  ['an empty object', {}],
  ['a list of a number', [42]],
]

/** Members that a message may not have beside its others, or only with certain values. */
const ADDITIONS: readonly (readonly [string, unknown])[] = [
  ['callbackAddress', 'https://example.com/callback'],
  ['providerPid', 'urn:uuid:1'],
  ['consumerPid', 'urn:uuid:2'],
  ['hasPolicy', []],
  ['code', 'x'],
  ['reason', []],
  ['reason', ['x', { '@value': 'y' }]],
  ['@id', 'urn:uuid:3'],
  ['unknown', { any: ['thing'] }],
]

export function mutations(json: Readonly<Record<string, unknown>>): readonly Mutation[] {
  const added = ADDITIONS.filter(([key]) => !(key in json)).map(([key, value]) => ({
    at: key,
    change: `added as ${JSON.stringify(value)}`,
    json: { ...json, [key]: value },
  }))
  return [...added, ...changes(json, '', (changed) => changed)]
}

function changes(value: unknown, at: string, whole: (part: unknown) => unknown): readonly Mutation[] {
  if (typeof value !== 'object' || value === null) return []
  const json = value as Json
  return Object.entries(json).flatMap(([key, member]) => {
    const here = Array.isArray(json) ? `${at}[]` : at === '' ? key : `${at}.${key}`
    const put = (part: unknown): unknown => whole(replaced(json, key, part))
    return [
      { at: here, change: 'dropped', json: whole(dropped(json, key)) },
      ...REPLACEMENTS.map(([change, part]) => ({ at: here, change, json: put(part) })),
      ...changes(member, here, put),
    ]
  })
}

function replaced(json: Json, key: string, part: unknown): unknown {
  if (isList(json)) return json.with(Number(key), part)
  return { ...json, [key]: part }
}

function dropped(json: Json, key: string): unknown {
  if (isList(json)) return json.toSpliced(Number(key), 1)
  return Object.fromEntries(Object.entries(json).filter(([other]) => other !== key))
}

function isList(json: Json): json is readonly unknown[] {
  return Array.isArray(json)
}
