// Tokens of the management API: made, listed, revoked. Of a value only its digest is kept, and the value is shown once.

import type { Scope } from '../domain/access/scopes.ts'
import type { ManagementTokenRow, Reader, Store, Write } from '../domain/ledger.ts'
import { sha256Hex } from '../kernel/digest.ts'
import { bad, good, orThrow, problem, ProblemError, type Problem } from '../kernel/problem.ts'
import type { Json } from '../kernel/canonical-json.ts'
import type { Clock } from '../kernel/time.ts'
import type { ParticipantId } from '../protocol/ids.ts'

export interface ManageTokensOptions {
  readonly store: Store
  readonly clock: Clock
  readonly self: ParticipantId
  readonly randomBytes: (bytes: number) => Uint8Array
}

export interface NewToken {
  readonly row: ManagementTokenRow
  /** A secret; it is nowhere else. */
  readonly value: string
}

/** `by` is the name of the token that orders it. */
export interface ManageTokens {
  /** Refuses (`resource.exists`) a name that a valid token has, since evidence names tokens so, and (`busy.limit`) too many. */
  add(token: { readonly name: string; readonly scope: Scope }, by: string): Promise<NewToken>
  /** All of them by name; those that were revoked too, as long as they are remembered. */
  list(): readonly ManagementTokenRow[]
  /** Refuses `resource.unknown`, and `token.last` for the last token that may administer. */
  revoke(name: string, by: string): Promise<void>
}

const TOKENS_MAX = 1_000
const TOKEN_BYTES = 32

/** A value that nobody can guess, in characters that need no quoting anywhere. */
export function newTokenValue(randomBytes: (bytes: number) => Uint8Array): string {
  return Buffer.from(randomBytes(TOKEN_BYTES)).toString('base64url')
}

export function createManageTokens({ store, clock, self, randomBytes }: ManageTokensOptions): ManageTokens {
  function onRecord(by: string, ext: { readonly [key: string]: Json }): Write {
    return { append: 'evidence', entry: { type: 'admin.token', at: clock(), actor: self, ext: { by, ...ext } } }
  }

  return {
    add: async ({ name, scope }, by) => {
      const value = newTokenValue(randomBytes)
      const row = { hash: sha256Hex(value), name, scope, createdAt: clock(), revokedAt: null }
      const added = await store.transact(allOf, (rows) => {
        const refusal = refusalOfName(name, rows)
        if (refusal !== null) return { write: [], result: refusal }
        const made: Write[] = [{ put: 'managementToken', row }, onRecord(by, { made: name, scope })]
        return { write: [...roomFor(name, rows), ...made], result: null }
      })
      if (added !== null) throw new ProblemError(added)
      return { row, value }
    },

    list: () => allOf(store.reader).toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)),

    revoke: async (name, by) => {
      const revoked = await store.transact(allOf, (rows) => {
        const valid = rows.filter(isValid)
        const named = valid.filter((row) => row.name === name)
        if (named.length === 0) return { write: [], result: bad('resource.unknown', 'no such token') }
        if (!valid.some((row) => row.name !== name && row.scope === 'administrator')) {
          const sentence = 'it is the last token that may administer; make another one first'
          return { write: [], result: bad('token.last', sentence) }
        }
        const write: Write[] = named.map((row) => ({ put: 'managementToken', row: { ...row, revokedAt: clock() } }))
        return { write: [...write, onRecord(by, { revoked: name })], result: good(null) }
      })
      orThrow(revoked)
    },
  }
}

function allOf(read: Reader): readonly ManagementTokenRow[] {
  return read.list('managementToken', { after: null, limit: TOKENS_MAX })
}

function isValid({ revokedAt }: ManagementTokenRow): boolean {
  return revokedAt === null
}

function refusalOfName(name: string, rows: readonly ManagementTokenRow[]): Problem | null {
  const valid = rows.filter(isValid)
  if (valid.some((row) => row.name === name)) {
    return problem('resource.exists', `a token has the name ${name}; evidence would not tell them apart`, 'name')
  }
  if (valid.length < TOKENS_MAX) return null
  return problem('busy.limit', `there are ${String(TOKENS_MAX)} tokens already; revoke some first`)
}

/** A revoked token makes room for one of its name, or, where all places are taken, for any other: the oldest goes first. */
function roomFor(name: string, rows: readonly ManagementTokenRow[]): readonly Write[] {
  const revoked = rows.filter((row) => !isValid(row)).sort((a, b) => (a.revokedAt ?? 0) - (b.revokedAt ?? 0))
  const namesakes = revoked.filter((row) => row.name === name)
  const gone = namesakes.length === 0 && rows.length >= TOKENS_MAX ? revoked.slice(0, 1) : namesakes
  return gone.map(({ hash }) => ({ remove: 'managementToken', key: [hash] }))
}
