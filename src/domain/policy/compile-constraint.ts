// Constraints, one by one: the operand and its operator are known, and the right operand is of the operand's type.

import { parseDuration } from '../../protocol/odrl/lexical.ts'
import { item, member } from '../../protocol/odrl/path.ts'
import type { AtomicConstraint, Constraint, Operator } from '../../protocol/odrl/types.ts'
import { LOGICAL_OPERATORS, OPERATORS, shortTerm } from '../../protocol/odrl/vocabulary.ts'
import { invalid, quoted, refuse, type Compiling } from './compiling.ts'
import { isReference, type CompiledConstraint, type Reference } from './compiled.ts'
import {
  LIST_OPERATORS,
  OPERAND_NAMES,
  operandOf,
  strangeOperand,
  type Operand,
  type OrderOperator,
  type SetOperator,
} from './operands.ts'
import { parseDecimal, TYPES, type SetTypeName, type TypeName } from './values.ts'
import { parseInstant } from '../../protocol/odrl/lexical.ts'

/** What stands for a value that is known only when the policy is asked. */
const REFERENCE = /^(?:ctx|annex|consent|contract):[A-Za-z][A-Za-z0-9.-]{0,99}$/

export function compileList(
  list: readonly Constraint[],
  path: string,
  depth: number,
  compiling: Compiling,
): readonly CompiledConstraint[] {
  return list.flatMap((constraint, index) => compileConstraint(constraint, item(path, index), depth, compiling) ?? [])
}

/** Null only together with a problem: nothing is left out of a policy that compiles. */
function compileConstraint(
  constraint: Constraint,
  path: string,
  depth: number,
  compiling: Compiling,
): CompiledConstraint | null {
  if (--compiling.constraintsLeft < 0) {
    const message = `at most ${String(compiling.limits.constraintsMax)} constraints in a policy`
    if (compiling.constraintsLeft === -1) invalid(compiling, message, path)
    return null
  }
  if ('leftOperand' in constraint) return compileAtomic(constraint, path, compiling)

  const [operator, another] = LOGICAL_OPERATORS.filter((key) => constraint[key] !== undefined)
  const list = operator === undefined ? undefined : constraint[operator]
  if (operator === undefined || list === undefined || another !== undefined) {
    invalid(compiling, `expected a leftOperand or exactly one of ${LOGICAL_OPERATORS.join(', ')}`, path)
    return null
  }
  const at = member(path, operator)
  if (list.length === 0 || depth >= compiling.limits.depthMax) {
    const limit = String(compiling.limits.depthMax)
    const message =
      list.length === 0 ? `\`${operator}\` needs at least one constraint` : `nested more than ${limit} deep`
    invalid(compiling, message, at)
    return null
  }
  const id = constraint['@id'] ?? null
  return { kind: 'logical', path, id, operator, of: compileList(list, at, depth + 1, compiling) }
}

function compileAtomic(constraint: AtomicConstraint, path: string, compiling: Compiling): CompiledConstraint | null {
  const left = shortTerm(constraint.leftOperand)
  const operator = shortTerm(constraint.operator)
  const known = operandOf(left)
  const operand = known ?? (compiling.vocabulary === 'any' ? strangeOperand(typeOf(constraint)) : null)
  if (operand === null || (compiling.inAccess && !operand.inAccess)) {
    const names = OPERAND_NAMES.filter((name) => !compiling.inAccess || operandOf(name)?.inAccess === true)
    const why = operand === null ? 'is not known here' : 'is not known of a participant before an agreement'
    refuse(
      compiling,
      `the left operand ${quoted(left)} ${why}; known: ${names.join(', ')}`,
      member(path, 'leftOperand'),
    )
    return null
  }
  if (!isOperator(operator)) {
    const message = `the operator ${quoted(operator)} is not one of ODRL's; ${left} takes ${operand.operators.join(', ')}`
    refuse(compiling, message, member(path, 'operator'))
    return null
  }
  const isFit = compiling.vocabulary === 'any' || operand.operators.includes(operator)
  if (!isFit || !fits(operand.type, operator)) {
    const message = `${left} does not take ${operator}; ${left} takes ${operand.operators.join(', ')}`
    refuse(compiling, message, member(path, 'operator'))
    return null
  }
  return compileRight(constraint, left, operator, operand, path, compiling)
}

function compileRight(
  constraint: AtomicConstraint,
  left: string,
  operator: Operator,
  operand: Operand,
  path: string,
  compiling: Compiling,
): CompiledConstraint | null {
  const { rightOperand: written } = constraint
  const at = member(path, 'rightOperand')
  const texts = typeof written === 'string' ? [written] : written
  const type = TYPES[operand.type]
  const most = type.kind !== 'ordered' && LIST_OPERATORS.includes(operator) ? compiling.limits.valuesMax : 1
  if (texts.length === 0 || texts.length > most) {
    const expected = most === 1 ? (type.kind === 'ordered' ? type.expects : 'one value') : `1 to ${String(most)} values`
    const came = type.kind === 'ordered' ? quoted(written) : String(texts.length)
    invalid(compiling, `${left} ${operator} expects ${expected}, came ${came}`, at)
    return null
  }
  const place = (index: number) => (typeof written === 'string' ? at : item(at, index))
  const parsed = texts.map((text, index) => {
    const value = REFERENCE.test(text) ? { reference: text } : type.parse(text)
    if (compiling.inAccess && value !== null && isReference(value) && !text.startsWith('ctx:'))
      refuse(compiling, `${quoted(text)} is on record under an agreement, and there is none yet`, place(index))
    if (value === null)
      invalid(compiling, `${left} ${operator} expects ${type.expects}, came ${quoted(text)}`, place(index))
    return value
  })
  const unit = unitOf(constraint, left, operand, path, compiling)
  const [first] = parsed
  if (unit === undefined || first === undefined || parsed.includes(null)) return null

  const missing = operand.enforcement === 'contract' && compiling.vocabulary === 'known' ? 'contractual' : 'unknown'
  const common = { path, id: constraint['@id'] ?? null, left, about: operand, written, missing } as const
  if (type.kind === 'ordered')
    return { ...common, kind: 'ordered', operator: operator as OrderOperator, right: first as number | Reference, unit }
  if (type.kind === 'window') return { ...common, kind: 'window', operator, right: parsed as never }
  const right = parsed as readonly (string | Reference)[]
  return { ...common, kind: 'set', type: operand.type as SetTypeName, operator: operator as SetOperator, right }
}

/** The currency of an amount; null where the operand has none; undefined after a complaint. */
function unitOf(
  { unit }: AtomicConstraint,
  left: string,
  { needsUnit }: Operand,
  path: string,
  compiling: Compiling,
): string | null | undefined {
  if (unit === undefined && !needsUnit) return null
  const code = unit === undefined ? undefined : /(?:^|[/#:])([A-Z]{3})$/.exec(unit)?.[1]
  if (needsUnit && code !== undefined) return code
  if (!needsUnit && compiling.vocabulary === 'any') return unit ?? null
  const message = needsUnit
    ? `${left} needs a unit, a currency of ISO 4217 such as CNY, came ${quoted(unit ?? null)}`
    : `${left} takes no unit, came ${quoted(unit)}`
  ;(needsUnit ? invalid : refuse)(compiling, message, member(path, 'unit'))
  return undefined
}

function isOperator(text: string): text is Operator {
  return (OPERATORS as readonly string[]).includes(text)
}

/** Whether the type knows the comparison at all: things have no order, and numbers are in no set. */
function fits(type: TypeName, operator: Operator): boolean {
  const isOrder = ['lt', 'lteq', 'gt', 'gteq'].includes(operator)
  const isSame = operator === 'eq' || operator === 'neq'
  return isSame || (TYPES[type].kind === 'ordered') === isOrder
}

const XSD = /^(?:xsd:|http:\/\/www\.w3\.org\/2001\/XMLSchema#)(.+)$/

/** The type of an operand that no table has, by what it is compared with. */
function typeOf({ rightOperand, dataType, operator }: AtomicConstraint): TypeName {
  const values = typeof rightOperand === 'string' ? [rightOperand] : rightOperand
  const isOrder = fits('decimal', shortTerm(operator) as Operator)
  const named = XSD.exec(dataType ?? '')?.[1]
  if (!isOrder || named === 'string' || named === 'anyURI') return 'term'
  if (values.every((value) => parseDecimal(value) !== null)) return 'decimal'
  if (values.every((value) => parseInstant(value) !== null)) return 'instant'
  return values.every((value) => (parseDuration(value)?.months ?? 1) === 0) ? 'duration' : 'term'
}
