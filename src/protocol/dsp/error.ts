// The error messages of DSP 2025-1: ours, made from a Problem; a peer's, read whatever it looks like.

import type { Problem } from '../../kernel/problem.ts'
import { plainLine } from '../../kernel/plain-text.ts'
import { kindOf } from '../../kernel/problem.ts'
import type { ConsumerPid, ProviderPid } from '../ids.ts'
import type { CatalogError, ContractNegotiationError, TransferError } from './messages.ts'
import { DSP_CONTEXT } from './messages.ts'

/** The pids that are known when something goes wrong: none is ever invented (decision 012). */
export interface KnownPids {
  readonly providerPid?: ProviderPid | undefined
  readonly consumerPid?: ConsumerPid | undefined
}

export function contractNegotiationError(problem: Problem, pids: KnownPids = {}): ContractNegotiationError {
  return { ...head('ContractNegotiationError'), ...known(pids), ...coded(problem) }
}

export function transferError(problem: Problem, pids: KnownPids = {}): TransferError {
  return { ...head('TransferError'), ...known(pids), ...coded(problem) }
}

export function catalogError(problem: Problem): CatalogError {
  return { ...head('CatalogError'), ...coded(problem) }
}

function head<Type extends string>(type: Type): { '@context': readonly string[]; '@type': Type } {
  return { '@context': [DSP_CONTEXT], '@type': type }
}

function known({ providerPid, consumerPid }: KnownPids): { providerPid?: ProviderPid; consumerPid?: ConsumerPid } {
  return { ...(providerPid !== undefined && { providerPid }), ...(consumerPid !== undefined && { consumerPid }) }
}

/** Code, sentence and place. What a defect is about stays in the log: it would tell an attacker more than the peer. */
function coded(problem: Problem): { code: string; reason: readonly string[] } {
  const { code, message, path } = problem
  if (kindOf(problem) === 'defect') return { code, reason: ['an internal error'] }
  return { code, reason: path === undefined ? [message] : [message, path] }
}

/** What a peer said when it refused. */
export interface PeerError {
  readonly code?: string
  readonly reasons: string[]
}

/** How much of a peer's error is looked at, in bytes, and how much of it is kept, in characters. */
const PEER_ERROR_BYTES_MAX = 65_536
const PEER_ERROR_LENGTH_MAX = 2_048

const SENTENCE_KEYS = ['@value', 'message', 'reason', 'detail', 'description', 'title']

/**
 * Reads the body of a refusal for people: a DSP error (EDC leaves the pids out and has written `reason` as a string),
 * a problem document, a list of either, or any text. Never fails; at most 2,048 characters come out of it.
 */
export function readPeerError(bytes: Uint8Array): PeerError {
  const text = new TextDecoder().decode(bytes.subarray(0, PEER_ERROR_BYTES_MAX)).trim()
  if (text === '') return { reasons: [] }
  const body = parsed(text)
  if (body === undefined) return { reasons: [plainLine(text, 200)] }

  const error: unknown = Array.isArray(body) && body.length === 1 ? body[0] : body
  const code = member(error, 'code') ?? member(error, 'status')
  const reason = member(error, 'reason') ?? error
  const reasons: string[] = []
  let left = PEER_ERROR_LENGTH_MAX - 100
  for (const item of Array.isArray(reason) ? reason : [reason]) {
    const said = plainLine(sentence(item), left)
    if (said !== '') reasons.push(said)
    left -= said.length
    if (left <= 0) break
  }
  return code === undefined ? { reasons } : { code: plainLine(sentence(code), 100), reasons }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A member under its bare, prefixed or full name. */
function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  const members = value as Readonly<Record<string, unknown>>
  return members[name] ?? members[`dspace:${name}`] ?? members[`https://w3id.org/dspace/2025/1/${name}`]
}

function sentence(value: unknown): string {
  if (typeof value === 'string') return value
  for (const key of SENTENCE_KEYS) {
    const said = member(value, key)
    if (typeof said === 'string') return said
  }
  return value === undefined ? '' : JSON.stringify(value)
}
