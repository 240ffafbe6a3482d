// `lingqu tokens …`: management tokens, on the files, so that they also help whoever has lost the last one.

import { SCOPES, type Scope } from '../domain/access/scopes.ts'
import { toIso } from '../kernel/time.ts'
import type { ParticipantId } from '../protocol/ids.ts'
import { createManageTokens, type ManageTokens } from '../shell/manage-tokens.ts'
import { columns } from './columns.ts'
import { BY_COMMAND, withStore } from './ledger.ts'
import { done, UsageError, type Command, type Io } from './outcome.ts'
import { readSettings } from './settings.ts'

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

export const addToken: Command = async ({ text }, io) => {
  const scope = scopeIn(text('scope'))
  const name = text('name') ?? `${scope}-${Buffer.from(io.randomBytes(4)).toString('hex')}`
  if (!NAME.test(name)) throw new UsageError('--name: expected 1 to 64 letters, digits, ".", "_" and "-"')
  const { row, value } = await withTokens(io, (tokens) => tokens.add({ name, scope }, BY_COMMAND))
  io.progress(`made ${name} (${scope}); the value on stdout is shown this once:`)
  return done({ name, scope, createdAt: toIso(row.createdAt), token: value }, value)
}

export const listTokens: Command = async (_invocation, io) => {
  const rows = await withTokens(io, (tokens) => Promise.resolve(tokens.list()))
  const items = rows.map(({ name, scope, createdAt, revokedAt }) => ({
    name,
    scope,
    createdAt: toIso(createdAt),
    revokedAt: revokedAt === null ? null : toIso(revokedAt),
  }))
  const lines = items.map(({ name, scope, createdAt, revokedAt }) => {
    return [name, scope, createdAt, revokedAt === null ? '' : `revoked ${revokedAt}`]
  })
  return done({ items }, columns(lines, 'no token yet: the first start makes one'))
}

export const revokeToken: Command = async ({ positionals: [revoked = ''] }, io) => {
  await withTokens(io, (tokens) => tokens.revoke(revoked, BY_COMMAND))
  return done({ revoked }, `revoked: ${revoked}`)
}

async function withTokens<T>(io: Io, use: (tokens: ManageTokens) => Promise<T>): Promise<T> {
  const settings = await readSettings(io)
  const self = settings.derived.did as ParticipantId
  const { clock, randomBytes } = io
  return withStore(settings, io, (store) => use(createManageTokens({ store, clock, self, randomBytes })))
}

function scopeIn(text: string | undefined): Scope {
  const scope = SCOPES.find((each) => each === text)
  if (scope !== undefined) return scope
  throw new UsageError(
    `--scope: expected one of ${SCOPES.join(', ')}`,
    'usage: lingqu tokens add --scope S [--name NAME]',
  )
}
