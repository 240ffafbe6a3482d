import { describe, expect, it } from 'vitest'
import { parseRawJson } from '../../../src/protocol/raw-json.ts'

const LIMITS = { depthMax: 64 }

function parse(text: string) {
  return parseRawJson(new TextEncoder().encode(text), LIMITS)
}

function nested(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth)
}

describe('a body', () => {
  it.each([
    ['{}', {}],
    ['  {"a":[1,-2.5e3,true,null,"x"]}\n', { a: [1, -2500, true, null, 'x'] }],
    ['{"a":{"a":{"a":1}}}', { a: { a: { a: 1 } } }],
    ['[{"a":1},{"a":1}]', [{ a: 1 }, { a: 1 }]],
    ['{"a":"a","b":"a,b:{\\"c\\":[","c":"\\\\"}', { a: 'a', b: 'a,b:{"c":[', c: '\\' }],
    ['{"":1," ":2}', { '': 1, ' ': 2 }],
    ['"\\ud83d\\ude00 灵渠"', '😀 灵渠'],
    ['1e308', 1e308],
  ])('is read as JSON.parse reads it: %s', (text, value) => {
    expect(parse(text)).toEqual({ ok: true, value })
  })

  it.each([
    ['', 'body.empty'],
    [' \n', 'body.not-json'],
    ['{', 'body.not-json'],
    ['{"a":1,}', 'body.not-json'],
    ["{'a':1}", 'body.not-json'],
    ['{"a":NaN}', 'body.not-json'],
    ['{} {}', 'body.not-json'],
    ['{"a":1e999}', 'body.not-json'],
    ['\ufeff{}', 'body.not-utf8'],
    ['{"a":"\\ud800"}', 'body.not-utf8'],
    ['{"\\udc00":1}', 'body.not-utf8'],
  ])('is refused when it is %j, with %s', (text, code) => {
    expect(parse(text)).toMatchObject({ ok: false, problem: { code } })
  })

  it.each([
    ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22]],
    ['an encoded surrogate', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['Latin-1', [0x22, 0xe9, 0x22]],
    ['UTF-16', [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]],
  ])('is refused when it has %s', (_, bytes) => {
    expect(parseRawJson(Uint8Array.from(bytes), LIMITS)).toMatchObject({ problem: { code: 'body.not-utf8' } })
  })

  it('says at which character it stops being JSON, and repeats nothing of it', () => {
    const refused = parse(`{"secret": "${'s'.repeat(100)}", oops}`)

    expect(refused).toMatchObject({ problem: { message: 'expected JSON, and at character 115 it is none' } })
  })
})

describe('a member that comes twice', () => {
  it.each([
    ['{"a":1,"a":1}', 'a'],
    ['{"a":1,"\\u0061":2}', 'a'],
    ['{"\\u0061":1,"a":2}', 'a'],
    ['{"x":[1,{"a":1},{"b":{"c":{}},"d":1,"b":2}]}', 'x[2].b'],
    ['{"a":{"b":1},"c":[],"a":{}}', 'a'],
    ['[[],[{"k":"v","k":"v"}]]', '[1][0].k'],
    ['{"a":",","a":1}', 'a'],
    ['{"__proto__":1,"__proto__":2}', '__proto__'],
  ])('is refused with its place: %s', (text, path) => {
    expect(parse(text)).toMatchObject({ problem: { code: 'body.duplicate-key', path } })
  })

  it('does not put more than the end of a long path into the problem', () => {
    const key = 'k'.repeat(5_000)
    const refused = parse(`{"${key}":{"a":1,"a":1}}`)

    expect(refused.ok ? '' : refused.problem.path).toHaveLength(101)
  })

  it('is found among a hundred thousand in one pass', () => {
    const members = Array.from({ length: 100_000 }, (_, index) => `"k${String(index)}":1`).join(',')

    expect(parse(`{${members}}`).ok).toBe(true)
    expect(parse(`{${members},"k7":1}`)).toMatchObject({ problem: { path: 'k7' } })
  })
})

describe('nesting', () => {
  it('may be as deep as the limit', () => {
    expect(parse(nested(64)).ok).toBe(true)
    expect(parse(nested(65))).toMatchObject({ problem: { code: 'body.too-deep' } })
  })

  it('may be a million levels deep without a stack to overflow', () => {
    expect(parse(nested(1_000_000))).toMatchObject({ problem: { code: 'body.too-deep' } })
    expect(parse('['.repeat(1_000_000))).toMatchObject({ problem: { code: 'body.not-json' } })
  })

  it('counts depth, not the number of objects', () => {
    expect(parse(`[${'{"a":[]},'.repeat(1_000)}0]`).ok).toBe(true)
  })
})

it('leaves a __proto__ member a member, and no prototype changed', () => {
  const parsed = parse('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}')

  expect(parsed.ok && Object.keys(parsed.value as object)).toEqual(['__proto__', 'constructor'])
  expect((parsed.ok ? parsed.value : null) as { admin?: unknown }).not.toHaveProperty('admin')
  expect({}).not.toHaveProperty('admin')
})
