// The query of a call, read by the schemas of its parameters: texts from the URL become what the schema says they are.

import type { ExplainedPhase } from '../../domain/access/explain-access.ts'
import { problem, ProblemError } from '../../kernel/problem.ts'
import { checkOf } from '../../protocol/schema.ts'
import type { Operation } from './operation.ts'
import { closed, type Schema } from './schemas.ts'

/** What the schemas of the table make certain; which members there can be is the operation's affair. */
export interface Query {
  readonly after?: string | number
  readonly limit?: number
  readonly pid?: string
  readonly type?: readonly string[]
  readonly peer?: string
  readonly dataset?: string
  readonly offer?: string
  readonly phase?: ExplainedPhase
}

/** Refuses (`request.malformed`) unknown parameters, repeated ones, and values that their schema does not allow. */
export function queryReader(parameters: NonNullable<Operation['query']>): (raw: unknown) => Query {
  if (parameters === 'any') return () => ({})
  const check = checkOf(closed(parameters, ...Object.keys(parameters)))
  return (raw) => {
    const query = Object.fromEntries(
      Object.entries(raw as Readonly<Record<string, unknown>>).map(([name, value]) => [
        name,
        valueOf(name, value, parameters[name]),
      ]),
    )
    const fault = check(query)
    if (fault !== null) throw malformed(fault.message, fault.path)
    return query
  }
}

function valueOf(name: string, value: unknown, schema: Schema | undefined): unknown {
  if (typeof value !== 'string') throw malformed('expected this parameter once', name)
  if (schema?.['type'] === 'integer') return /^\d{1,16}$/.test(value) ? Number(value) : value
  return schema?.['type'] === 'array' ? value.split(',') : value
}

/** Where a page of a list begins and how much it holds. */
export function pageIn({ after, limit = 100 }: Query): { readonly after: string | null; readonly limit: number } {
  return { after: typeof after === 'string' ? after : null, limit }
}

/** The same where the evidence is read: after which number. */
export function seqPageIn({ after, limit = 100 }: Query): { readonly after: number; readonly limit: number } {
  return { after: typeof after === 'number' ? after : 0, limit }
}

export function malformed(sentence: string, path: string): ProblemError {
  return new ProblemError(problem('request.malformed', sentence, path))
}
