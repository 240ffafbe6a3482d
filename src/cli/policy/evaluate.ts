// `lingqu policy evaluate`: any ODRL policy against any request and state of the world, alone or line by line.

import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { Json } from '../../kernel/canonical-json.ts'
import { findingLine } from '../../config/finding.ts'
import { readYaml } from '../../config/yaml-source.ts'
import { evaluateAny } from '../../domain/policy/evaluation.ts'
import { bad, orThrow, ProblemError, problem, type Result } from '../../kernel/problem.ts'
import { readAnyPolicy } from '../../protocol/odrl/read-any.ts'
import { EXIT, UsageError, type Command, type Io, type Outcome } from '../outcome.ts'
import { readRequest, readWorld } from './evaluate-input.ts'

const LINE_CHARS_MAX = 16 * 1024 * 1024

type Report = { readonly [key: string]: Json }

export const evaluate: Command = async (invocation, io) => {
  const batch = invocation.text('batch')
  const [policy, request, facts] = ['policy', 'request', 'facts'].map(invocation.text)
  if (batch !== undefined) {
    if (policy ?? request ?? facts) throw new UsageError('--batch takes policies, requests and facts from its lines')
    return evaluateLines(batch, io)
  }
  if (policy === undefined || request === undefined)
    throw new UsageError('expected --policy FILE and --request FILE, or --batch FILE', 'lingqu policy evaluate --help')
  const report = orThrow(
    evaluateCase(await fileAt(policy), await fileAt(request), facts === undefined ? {} : await fileAt(facts)),
  )
  return { exit: EXIT.good, json: report, text: treeOf(report) }
}

/** One evaluation. Refuses with the place in the input that is wrong. */
export function evaluateCase(policy: unknown, request: unknown, facts: unknown): Result<Report> {
  const world = readWorld(facts)
  if (!world.ok) return world
  const asked = readRequest(request)
  if (!asked.ok) return asked
  const read = readAnyPolicy(policy, world.value)
  return read.ok ? evaluateAny(read.value, asked.value, world.value) : read
}

/** One line out for each line in, in their order; a line that is wrong says so and the next goes on. */
async function evaluateLines(file: string, { stdout }: Io): Promise<Outcome> {
  const input = file === '-' ? process.stdin : createReadStream(file)
  let [lines, failed] = [0, 0]
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    if (line.trim() === '') continue
    lines += 1
    const answer = answerTo(line)
    if ('error' in answer) failed += 1
    if (!stdout.write(`${JSON.stringify(answer)}\n`))
      await new Promise<void>((resolve) => stdout.once('drain', resolve))
  }
  const summary = `${String(lines)} evaluated, ${String(failed)} refused`
  return { exit: failed > 0 ? EXIT.bad : EXIT.good, json: { lines, failed }, text: summary, to: 'stderr' }
}

function answerTo(line: string): Report {
  const read = caseIn(line)
  const id = read.ok ? read.value.id : null
  const report = read.ok ? evaluateCase(read.value.policy, read.value.request, read.value.facts) : read
  const named: Report = id === null ? {} : { id }
  if (report.ok) return { ...named, ...report.value }
  const { code, message, path } = report.problem
  return { ...named, error: { code, message, path: path ?? null } }
}

interface Case {
  readonly id: Json
  readonly policy: unknown
  readonly request: unknown
  readonly facts: unknown
}

function caseIn(line: string): Result<Case> {
  if (line.length > LINE_CHARS_MAX)
    return bad('request.malformed', `a line has at most ${String(LINE_CHARS_MAX)} characters`)
  try {
    const raw = JSON.parse(line) as Partial<Record<keyof Case, unknown>> | null
    if (typeof raw !== 'object' || raw === null)
      return bad('request.malformed', 'expected {policy, request, facts} on a line')
    const { id, policy, request, facts = {} } = raw
    return {
      ok: true,
      value: { id: typeof id === 'string' || typeof id === 'number' ? id : null, policy, request, facts },
    }
  } catch {
    return bad('request.malformed', 'expected JSON on a line')
  }
}

/** JSON, or YAML, of which JSON is a part. */
async function fileAt(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new ProblemError(problem('request.malformed', `cannot read ${file}: ${(error as Error).message}`))
  })
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
