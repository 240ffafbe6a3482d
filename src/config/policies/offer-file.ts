// One offer file, in the house form or in plain ODRL JSON-LD, into an offer definition, or into all of its mistakes.

import { compileConstraintsFully, compilePolicyFully, type Compiled } from '../../domain/policy/compile.ts'
import type { CompiledPolicy } from '../../domain/policy/compiled.ts'
import type { DatasetSelector, OfferDefinition } from '../../domain/policy/offer-definition.ts'
import { OPERAND_NAMES } from '../../domain/policy/operands.ts'
import { nearest } from '../../kernel/nearest.ts'
import type { Problem } from '../../kernel/problem.ts'
import type { OfferId } from '../../protocol/ids.ts'
import { collectConstraints, collectMessageOffer, collectRules, type Collected } from '../../protocol/odrl/normalise.ts'
import { rulesDigest } from '../../protocol/odrl/same-rules.ts'
import type { Rules } from '../../protocol/odrl/types.ts'
import { ACTIONS } from '../../protocol/odrl/actions.ts'
import { odrlLocalName, OPERATORS } from '../../protocol/odrl/vocabulary.ts'
import type { Finding } from '../finding.ts'
import { checkKeys, expandConstraints, expandRules, isMapping, type Complaint, type Mapping } from './house-form.ts'
import { readAutomation, readDatasets, readId, readTitle } from './offer-head.ts'
import { isJson, parseSource, type PolicyFile, type Source, type Spot } from './source.ts'

/** Either the definition or findings, never both. */
export interface OfferFile {
  readonly definition: OfferDefinition | null
  readonly findings: readonly Finding[]
  /** Where its id stands. The text itself is not kept. */
  readonly spot: Pick<Spot, 'line' | 'column'>
}

const TOP_KEYS = [
  'offer',
  'title',
  'datasets',
  'access',
  'permission',
  'prohibition',
  'obligation',
  'profile',
  'automation',
]

/** What a misspelt term may have meant, by the member in which it stands. */
const TERMS: Readonly<Record<string, readonly string[]>> = {
  leftOperand: OPERAND_NAMES,
  operator: OPERATORS,
  action: ACTIONS,
}

export function readOfferFile(file: PolicyFile): OfferFile {
  const source = parseSource(file)
  const { line, column } = source.spotOf(isJson(file) ? '@id' : 'offer')
  const spot = { line, column }
  if (source.findings.length > 0) return { definition: null, findings: source.findings, spot }
  const findings: Finding[] = []
  const add = ({ path, on, message, hint }: Complaint, code = 'policy.invalid') => {
    const { line, column } = source.spotOf(path, on)
    findings.push({ file: file.path, line, column, code, message, ...(hint !== undefined && { hint }) })
  }
  const addProblem = ({ code, message, path = '' }: Problem) => {
    const hint = hintFor(path, source)
    add({ path, on: 'value', message, ...(hint !== undefined && { hint }) }, code)
  }
  const read = isJson(file) ? readJsonLd : readHouseForm
  const definition = read(source.value, file.path, add, addProblem)
  return { definition: findings.length === 0 ? definition : null, findings, spot }
}

type Read = (
  value: unknown,
  file: string,
  add: (complaint: Complaint) => void,
  addProblem: (problem: Problem) => void,
) => OfferDefinition | null

const readHouseForm: Read = (value, file, add, addProblem) => {
  if (!isMapping(value)) {
    add({ path: '', on: 'value', message: `expected an offer with the keys ${TOP_KEYS.join(', ')}` })
    return null
  }
  checkKeys(value, TOP_KEYS, '', add)
  const id = readId(value, add)
  const head = {
    title: readTitle(value, add),
    datasets: readDatasets(value, add),
    automation: readAutomation(value, add),
  }
  const access = readAccess(value, add, addProblem)
  const rules = kept(collectRules(expandRules(value, add)), addProblem)
  const policy = rules === null ? null : compiled(compilePolicyFully(rules), addProblem)
  if (id === null || rules === null || policy === null) return null
  return { id: id as OfferId, ...head, access, ...derived(rules, policy), file }
}

const readJsonLd: Read = (value, file, _add, addProblem) => {
  const offer = kept(collectMessageOffer(value), addProblem)
  const policy = offer === null ? null : compiled(compilePolicyFully(offer), addProblem)
  if (offer === null || policy === null) return null
  const { '@id': id, '@type': _type, target, assigner: _assigner, assignee: _assignee, ...rules } = offer
  const datasets: readonly DatasetSelector[] = [{ kind: 'id', id: target }]
  return { id, title: {}, datasets, automation: {}, access: [], ...derived(rules, policy), file }
}

function readAccess(offer: Mapping, add: (complaint: Complaint) => void, addProblem: (problem: Problem) => void) {
  if (!Object.hasOwn(offer, 'access')) return []
  const constraints = kept(collectConstraints(expandConstraints(offer.access, 'access', add), 'access'), addProblem)
  return constraints === null ? [] : compiled(compileConstraintsFully(constraints, 'access'), addProblem)
}

function derived(rules: Rules, policy: CompiledPolicy): Pick<OfferDefinition, 'rules' | 'policy' | 'digest'> {
  return { rules, policy, digest: rulesDigest(rules) }
}

function kept<T>({ value, problems }: Collected<T>, addProblem: (problem: Problem) => void): T | null {
  problems.forEach(addProblem)
  return value
}

function compiled<T>({ value, problems }: Compiled<T>, addProblem: (problem: Problem) => void): T {
  problems.forEach(addProblem)
  return value
}

function hintFor(path: string, source: Source): string | undefined {
  const known = TERMS[path.slice(path.lastIndexOf('.') + 1)]
  const { text } = source.spotOf(path)
  const meant = known === undefined || text === null ? undefined : nearest(odrlLocalName(text) ?? text, known)
  return meant === undefined || meant === text ? undefined : `did you mean \`${meant}\`?`
}
