// The value that a test or a question gives to a left operand, as far as its type says how one is written.

import { operandOf } from '../../domain/policy/operands.ts'
import { TYPES } from '../../domain/policy/values.ts'

const AMOUNT = /^(\S+) [A-Z]{3}$/

/**
 * What was expected instead of the first value that nothing can read, and null where all can be read. Such a fact would count as
 * not known, and the policy would deny for another reason than the one that was meant.
 */
export function unreadable(left: string, given: string | readonly string[]): { expected: string; came: string } | null {
  const operand = operandOf(left)
  const type = operand === null ? null : TYPES[operand.type]
  if (operand === null || type?.kind !== 'ordered') return null
  const isRead = (text: string): boolean => {
    const value = operand.needsUnit ? AMOUNT.exec(text)?.[1] : text
    return value !== undefined && type.parse(value) !== null
  }
  const came = [given].flat().find((text) => !isRead(text))
  if (came === undefined) return null
  return { expected: operand.needsUnit ? 'an amount and its currency, such as 10.00 CNY' : type.expects, came }
}
