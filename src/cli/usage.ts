// From the words of the command line to a command and what it is given, or to the sentence that says what is wrong. Pure.

import { parseArgs } from 'node:util'
import { nearest } from '../kernel/nearest.ts'
import type { CommandRow, Option } from './command-row.ts'
import { COMMANDS, COMMON_OPTIONS } from './commands.ts'
import { UsageError, type Invocation } from './outcome.ts'

export interface Call extends Invocation {
  readonly command: CommandRow
}

/** Ends the name of a positional of which there may be any number. */
const MORE = '…'

const HELP = '`lingqu --help` lists all commands'

/** Null when help was asked for. Throws a UsageError that names what was probably meant. */
export function readCall(words: readonly string[]): Call | { readonly help: string } {
  const [first = '--help'] = words
  if (['--help', '-h', 'help'].includes(first)) return { help: overview() }
  if (first.startsWith('-')) throw new UsageError(`expected a command first, got ${first}`, HELP)

  const { command, rest } = findCommand(words)
  const { positionals, values } = parsed(command, rest)
  if (values['help'] === true) return { help: helpOf(command) }

  const takesMore = command.positionals.at(-1)?.endsWith(MORE) === true
  const missing = command.positionals[positionals.length]
  const extra = takesMore ? undefined : positionals[command.positionals.length]
  if (missing !== undefined && !missing.endsWith(MORE))
    throw new UsageError(`\`${command.name}\` needs <${missing}>`, usageOf(command))
  if (extra !== undefined) throw new UsageError(`\`${command.name}\` takes no ${shown(extra)}`, usageOf(command))
  return { command, positionals, ...readers(values) }
}

function findCommand(words: readonly string[]): { command: CommandRow; rest: readonly string[] } {
  const [first = '', second = ''] = words
  for (const length of [2, 1]) {
    const name = words.slice(0, length).join(' ')
    const command = COMMANDS.find((each) => each.name === name)
    if (command !== undefined) return { command, rest: words.slice(length) }
  }
  const group = COMMANDS.filter(({ name }) => name.startsWith(`${first} `)).map(({ name }) => name)
  if (group.length === 0) {
    const names = [...new Set(COMMANDS.flatMap(({ name }) => [name, name.split(' ')[0] ?? '']))]
    const meant = nearest(`${first} ${second}`, names) ?? nearest(first, names)
    throw new UsageError(`there is no command ${shown(first)}${didYouMean(meant)}`, HELP)
  }
  const choice = `expected one of: ${group.join(', ')}`
  if (second === '' || second.startsWith('-')) throw new UsageError(`\`${first}\` is not enough`, choice)
  const meant = nearest(`${first} ${second}`, group)
  throw new UsageError(`there is no command ${shown(`${first} ${second}`)}${didYouMean(meant)}`, choice)
}

type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>

function parsed(command: CommandRow, args: readonly string[]): { positionals: readonly string[]; values: Values } {
  const options = optionsOf(command)
  try {
    return parseArgs({
      args: [...args],
      options: Object.fromEntries(Object.entries(options).map(([name, option]) => [name, typeOf(option)])),
      allowPositionals: true,
    })
  } catch (error) {
    const { code = '', message } = error as { code?: string; message: string }
    if (!code.startsWith('ERR_PARSE_ARGS')) throw error
    if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') throw new UsageError(message, usageOf(command))
    const given = /'(-[^' ]*)/.exec(message)?.[1] ?? ''
    const meant = nearest(
      given,
      Object.keys(options).map((name) => `--${name}`),
    )
    throw new UsageError(`\`${command.name}\` has no option ${shown(given)}${didYouMean(meant)}`, usageOf(command))
  }
}

function typeOf({ value, multiple = false }: Option): { type: 'string' | 'boolean'; multiple: boolean } {
  return { type: value === undefined ? 'boolean' : 'string', multiple }
}

function readers(values: Values): Omit<Call, 'command' | 'positionals'> {
  const texts = (option: string): readonly string[] => {
    const value = values[option] ?? []
    return (Array.isArray(value) ? value : [value]).map(String)
  }
  return { texts, text: (option) => texts(option)[0], flag: (option) => values[option] === true }
}

function overview(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length))
  return [
    'Lingqu 灵渠: a dataspace connector.',
    '',
    'lingqu COMMAND [--json] [--config FILE] [--data DIR]',
    '',
    ...COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    '`lingqu COMMAND --help` says more. Exit codes: 0 good, 1 refused, failed or something found, 2 wrong usage,',
    '3 the peer or the connector cannot be reached.',
  ].join('\n')
}

function helpOf(command: CommandRow): string {
  const lines = Object.entries(optionsOf(command)).map(([name, { value, summary }]) => {
    return `  ${`--${name}${value === undefined ? '' : ` ${value}`}`.padEnd(22)}  ${summary}`
  })
  return [usageOf(command), '', command.summary, '', ...lines].join('\n')
}

function usageOf({ name, positionals, options }: CommandRow): string {
  const optional = Object.entries(options).map(([option, { value, multiple }]) => {
    return `[--${option}${value === undefined ? '' : ` ${value}`}]${multiple === true ? '…' : ''}`
  })
  return [
    'usage: lingqu',
    name,
    ...positionals.map((each) => (each.endsWith(MORE) ? `[${each}]` : `<${each}>`)),
    ...optional,
  ].join(' ')
}

function optionsOf({ options }: CommandRow): CommandRow['options'] {
  return { ...options, ...COMMON_OPTIONS }
}

function didYouMean(word: string | undefined): string {
  return word === undefined ? '' : `; did you mean \`${word}\`?`
}

function shown(word: string): string {
  return JSON.stringify(word.slice(0, 100))
}
