// `lingqu policy evaluate`: any ODRL policy against any request and state of the world, alone or line by line.

import type { ReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { Json } from '../../kernel/canonical-json.ts'
import { findingLine } from '../../config/finding.ts'
import { readYaml } from '../../config/yaml-source.ts'
import { evaluateAny } from '../../domain/policy/evaluation.ts'
import { bad, good, orThrow, ProblemError, problem, type Result } from '../../kernel/problem.ts'
import { isObject } from '../../protocol/odrl/graph.ts'
import { prefixesIn, writtenOut } from '../../protocol/odrl/prefixes.ts'
import { readAnyPolicy } from '../../protocol/odrl/read-any.ts'
import { parseRawJson } from '../../protocol/raw-json.ts'
import { EXIT, UsageError, type Command, type Io, type Outcome } from '../outcome.ts'
import { readRequest, readWorld } from './evaluate-input.ts'
import { bytesOf, reasonOf } from './named-file.ts'

const LINE_CHARS_MAX = 16 * 1024 * 1024
const DEPTH_MAX = 256

type Report = { readonly [key: string]: Json }

export const evaluate: Command = async (invocation, io) => {
  const batch = invocation.text('batch')
  const [policy, request, facts] = ['policy', 'request', 'facts'].map(invocation.text)
  const profiles = invocation.texts('profile')
  if (batch !== undefined) {
    if (policy ?? request ?? facts) throw new UsageError('--batch takes policies, requests and facts from its lines')
    return evaluateLines(batch, profiles, io)
  }
  if (policy === undefined || request === undefined)
    throw new UsageError('expected --policy FILE and --request FILE, or --batch FILE', 'lingqu policy evaluate --help')
  const report = orThrow(
    evaluateCase(await fileAt(policy), await fileAt(request), facts === undefined ? {} : await fileAt(facts), profiles),
  )
  return { exit: EXIT.good, json: report, text: treeOf(report) }
}

/**
 * One evaluation. Refuses with the place in the input that is wrong.
 * @param profiles which a policy may name although nothing is known of them here: their terms are compared by what is given
 */
export function evaluateCase(
  policy: unknown,
  request: unknown,
  facts: unknown,
  profiles: readonly string[] = [],
): Result<Report> {
  const prefixes = prefixesIn(policy)
  const write = (document: unknown): unknown => writtenOut(document, prefixesIn(document, prefixes))
  const world = readWorld(writtenWorld(facts, write), profiles)
  if (!world.ok) return world
  const asked = readRequest(write(request))
  if (!asked.ok) return asked
  const read = readAnyPolicy(write(policy), world.value)
  return read.ok ? evaluateAny(read.value, asked.value, world.value) : read
}

/** Policies to inherit from have contexts of their own. */
function writtenWorld(facts: unknown, write: (document: unknown) => unknown): unknown {
  if (!isObject(facts) || !Array.isArray(facts['policies'])) return write(facts)
  const { policies, ...rest } = facts
  return { ...(write(rest) as object), policies: (policies as readonly unknown[]).map(write) }
}

/** One line out for each line in, in their order; a line that is wrong says so and the next goes on. */
async function evaluateLines(file: string, profiles: readonly string[], { stdout }: Io): Promise<Outcome> {
  const input = file === '-' ? process.stdin : await streamOf(file)
  const counts = { lines: 0, failed: 0, unexpected: 0 }
  let number = 0
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    number += 1
    if (line.trim() === '') continue
    const answer = answerTo(line, number, profiles)
    counts.lines += 1
    if ('error' in answer) counts.failed += 1
    if (answer.asExpected === false) counts.unexpected += 1
    if (!stdout.write(`${JSON.stringify(answer)}\n`))
      await new Promise<void>((resolve) => stdout.once('drain', resolve))
  }
  const { lines, failed, unexpected } = counts
  const summary = `${String(lines)} evaluated, ${String(failed)} refused, ${String(unexpected)} not as expected`
  return { exit: failed + unexpected > 0 ? EXIT.bad : EXIT.good, json: counts, text: summary, to: 'stderr' }
}

async function streamOf(file: string): Promise<ReadStream> {
  const handle = await open(file).catch((cause: unknown) => {
    throw new UsageError(`cannot read ${file}: ${reasonOf(cause)}`)
  })
  return handle.createReadStream()
}

/** A refusal names the line of the file too: what is no JSON has no id. */
function answerTo(line: string, number: number, profiles: readonly string[]): Report {
  const read = caseIn(line)
  const id = read.ok ? read.value.id : null
  const named: Report = id === null ? {} : { id }
  const report = read.ok ? evaluateCase(read.value.policy, read.value.request, read.value.facts, profiles) : read
  if (!report.ok) {
    const { code, message, path } = report.problem
    return { ...named, line: number, error: { code, message, path: path ?? null } }
  }
  const expected = read.ok ? read.value.expect : undefined
  return {
    ...named,
    ...(expected !== undefined && { asExpected: isAsExpected(report.value, expected) }),
    ...report.value,
  }
}

/** A verdict, or what the report must hold among other things. */
function isAsExpected(report: Report, expected: unknown): boolean {
  return typeof expected === 'string' ? report.verdict === expected : holds(report, expected)
}

/** Of a list: as many, each of which holds what is expected of it. */
function holds(came: unknown, expected: unknown): boolean {
  if (Array.isArray(expected))
    return (
      Array.isArray(came) &&
      came.length === expected.length &&
      expected.every((each, index) => holds(came[index], each))
    )
  if (!isObject(expected)) return came === expected
  return isObject(came) && Object.entries(expected).every(([key, value]) => holds(came[key], value))
}

interface Case {
  readonly id: Json
  readonly policy: unknown
  readonly request: unknown
  readonly facts: unknown
  readonly expect: unknown
}

const CASE_KEYS = ['id', 'policy', 'request', 'facts', 'expect']

function caseIn(line: string): Result<Case> {
  if (line.length > LINE_CHARS_MAX)
    return bad('request.malformed', `a line has at most ${String(LINE_CHARS_MAX)} characters`)
  const read = parseRawJson(Buffer.from(line), { depthMax: DEPTH_MAX })
  if (!read.ok) return read
  if (!isObject(read.value)) return bad('request.malformed', 'expected {policy, request, facts} on a line')
  const { id, policy, request, facts = {}, expect } = read.value
  const unknown = Object.keys(read.value).find((key) => !CASE_KEYS.includes(key))
  if (unknown !== undefined)
    return bad('request.malformed', `unknown key ${unknown}; known are ${CASE_KEYS.join(', ')}`, unknown)
  return good({ id: typeof id === 'string' || typeof id === 'number' ? id : null, policy, request, facts, expect })
}

/** JSON, or YAML, of which JSON is a part. */
async function fileAt(file: string): Promise<unknown> {
  const text = (await bytesOf(file)).toString('utf8')
  // JSON is a part of YAML.
  const { value, findings } = readYaml(file, text)
  const [finding] = findings
  if (finding !== undefined) throw new ProblemError(problem('request.malformed', findingLine(finding)))
  return value
}

const MARK: Readonly<Record<string, string>> = { satisfied: '✔', unsatisfied: '✘', unknown: '?', deferred: '⏲' }

function treeOf(report: Report): string {
  const { verdict, cause, reason, path, rules, obligations } = report
  const lines = [
    `${textOf(verdict)} (${textOf(cause)})${typeof reason === 'string' ? `: ${reason}` : ''}${typeof path === 'string' ? ` at ${path}` : ''}`,
  ]
  for (const rule of rules as readonly Report[]) {
    lines.push(`  ${textOf(rule.kind)} ${textOf(rule.uid ?? rule.path)}: ${textOf(rule.state)}`)
    const checks = Object.entries(rule.checks as Report).map(([name, state]) => `${name} ${MARK[textOf(state)] ?? ''}`)
    lines.push(`    ${checks.join('  ')}`, ...constraintLines(rule.constraints as readonly Report[], '    '))
    for (const duty of rule.duties as readonly Report[])
      lines.push(`    duty ${textOf(duty.action)}: ${textOf(duty.state)}`)
  }
  for (const duty of obligations as readonly Report[])
    lines.push(`  obligation ${textOf(duty.action)}: ${textOf(duty.state)}`)
  return lines.join('\n')
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null)
}

function constraintLines(constraints: readonly Report[], indent: string): readonly string[] {
  return constraints.flatMap((each) => {
    const mark = MARK[textOf(each.state)] ?? ''
    if (Array.isArray(each.of))
      return [
        `${indent}${mark} ${textOf(each.operator)}`,
        ...constraintLines(each.of as readonly Report[], `${indent}  `),
      ]
    const right = Array.isArray(each.right) ? each.right.join(', ') : textOf(each.right)
    const saw = each.saw === null ? 'not known' : textOf(each.saw)
    return [`${indent}${mark} ${textOf(each.left)} ${textOf(each.operator)} ${right} (${saw})`]
  })
}
