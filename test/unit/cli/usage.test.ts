// How the command line is read: which words are a command, and what is said about those that are none.

import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../../../src/cli/commands.ts'
import { UsageError } from '../../../src/cli/outcome.ts'
import { readCall, type Call } from '../../../src/cli/usage.ts'

function call(line: string): Call {
  const read = readCall(line.split(' '))
  if ('help' in read) throw new Error(`expected a call, got help:\n${read.help}`)
  return read
}

function refusal(line: string): UsageError {
  try {
    readCall(line.split(' '))
  } catch (error) {
    if (error instanceof UsageError) return error
    throw error
  }
  throw new Error(`${line} was not refused`)
}

describe('a command line', () => {
  it('names a command of one word or of two, and gives it its arguments and options', () => {
    const { command, positionals, texts, text, flag } = call(
      'peers add Hanoi did:web:b.example --claim country=VN --claim=sector=ports --json --data d',
    )

    expect(command.name).toBe('peers add')
    expect(positionals).toEqual(['Hanoi', 'did:web:b.example'])
    expect(texts('claim')).toEqual(['country=VN', 'sector=ports'])
    expect([text('data'), text('config'), flag('json'), flag('help')]).toEqual(['d', undefined, true, false])
  })

  it('may name stdout with a dash', () => {
    expect(call('connect Hanoi urn:d --out -').text('out')).toBe('-')
  })

  it.each(COMMANDS)('of `$name` takes --json, --config and --data, and explains itself', ({ name, positionals }) => {
    const words = [...name.split(' '), ...positionals, '--json', '--config', 'c', '--data', 'd']
    expect(readCall(words)).toHaveProperty('command.name', name)
    expect(readCall([...name.split(' '), '--help'])).toHaveProperty('help', expect.stringContaining(name))
  })

  it.each([[], ['--help'], ['-h'], ['help']])('that asks for help gets all commands: %s', (...words) => {
    const read = readCall(words)
    for (const { name } of COMMANDS) expect(read).toHaveProperty('help', expect.stringContaining(`  ${name} `))
  })
})

describe('a command line is refused', () => {
  // prettier-ignore
  it.each([
    ['chekc',                         'there is no command "chekc"; did you mean `check`?'],
    ['peer list',                     'there is no command "peer"; did you mean `peers list`?'],
    ['peers ad x y',                  'there is no command "peers ad"; did you mean `peers add`?'],
    ['peers',                         '`peers` is not enough'],
    ['peers --json',                  '`peers` is not enough'],
    ['xyzzy',                         'there is no command "xyzzy"'],
    ['--json version',                'expected a command first, got --json'],
    ['connect Hanoi',                 '`connect` needs <dataset>'],
    ['version now',                   '`version` takes no "now"'],
    ['connect a b --uot f',           '`connect` has no option "--uot"; did you mean `--out`?'],
    ['version -x',                    '`version` has no option "-x"'],
    ['check --jsno',                  '`check` has no option "--jsno"; did you mean `--json`?'],
  ])('%s', (line, sentence) => {
    expect(refusal(line).message).toBe(sentence)
  })

  it.each(['connect a b --out', 'check --data', 'check --json=yes', 'connect a b --out --json'])(
    'with a value that is missing or too many: %s',
    (line) => {
      expect(refusal(line).hint).toMatch(/^usage: lingqu/)
    },
  )
})
