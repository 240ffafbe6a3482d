// Texts of others before people see them.

import { describe, expect, test } from 'vitest'
import { forTerminal, jsonForTerminal, plainLine, withoutSecrets } from '../../../src/kernel/plain-text.ts'

const CLEAR_SCREEN = '\u001b[2J'
const ONE_BYTE_CSI = '\u009b2J'
const TURNED = '\u202e'

describe('one line', () => {
  test('keeps text of every language as it is', () => {
    expect(plainLine('nước · 水 · ماء', 100)).toBe('nước · 水 · ماء')
  })

  test.each([CLEAR_SCREEN, ONE_BYTE_CSI, TURNED, '\r\n', '\u2028', '\0', '\u0007'])('%j becomes a space', (command) => {
    expect(plainLine(`a${command.slice(0, 1)}b`, 100)).toBe('a b')
  })

  test('is cut with a mark, and never inside a character', () => {
    expect(plainLine('aaaa', 3)).toBe('aa…')
    expect(plainLine('a😀b', 3).isWellFormed()).toBe(true)
  })
})

// prettier-ignore
test.each([
  ['as it is',             'a/secret=token',       'say a/secret=token twice: a/secret=token', 'say … twice: …'],
  ['after its scheme',     'Bearer a/secret=token', 'Authorization: bearer a/secret=token',    'Authorization: bearer …'],
  ['in a form',            'a/secret=token',       'token=a%2Fsecret%3Dtoken&x=1',             'token=…&x=1'],
  ['in JSON',              'a/secret=token',       '{"token":"a\\/secret=token"}',           '{"token":"…"}'],
  ['too short to be one',  't',                    'the token',                                'the token'],
])('a secret that is repeated %s', (_how, secret, text, expected) => {
  expect(withoutSecrets(text, [secret, ''])).toBe(expected)
})

describe('for a terminal', () => {
  test('line feeds, tabs and text stay', () => {
    expect(forTerminal('a\tb\n灵渠')).toBe('a\tb\n灵渠')
  })

  test.each([CLEAR_SCREEN, ONE_BYTE_CSI, TURNED, '\r', '\0'])('%j is no command any more', (command) => {
    expect(forTerminal(`a${command}`)).toBe(`a\ufffd${command.slice(1)}`)
  })

  test.each([CLEAR_SCREEN, ONE_BYTE_CSI, TURNED, '\u2028', '\n', '\u007f'])(
    'JSON with %j says the same in plain characters',
    (command) => {
      const json = JSON.stringify({ a: [command] }, null, 2)

      const plain = jsonForTerminal(json)

      expect(JSON.parse(plain)).toEqual({ a: [command] })
      expect(plain).not.toMatch(/[\u007f-\u009f\u2028-\u202e]/)
      expect(plain).not.toContain('\u001b')
    },
  )
})
