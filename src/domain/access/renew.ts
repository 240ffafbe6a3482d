// May this refresh token be exchanged for another pair of tokens now? (Data plane signaling, token renewal profile.)

import { problem, type Problem } from '../../kernel/problem.ts'
import { later } from '../../kernel/time.ts'
import type { RenewedToken } from '../../protocol/dsp/data-address.ts'
import type { ParticipantId } from '../../protocol/ids.ts'
import { accessTokenHash } from '../delivery/access-token.ts'
import { entry, traceOf } from '../exchange/inbound.ts'
import type { Scene } from '../exchange/scene.ts'
import { isOpen } from '../exchange/transfer.ts'
import type { AccessTokenRow, OutboxRow, ReplayRow, Write } from '../ledger.ts'
import { notStarted, provesStart, retireOlder, settleStart } from './admit.ts'
import { judge, type StreamRows } from './judge-use.ts'

/** What is read for a renewal. */
export interface RenewRows extends StreamRows {
  /** Whether the token of the request itself was used before. */
  readonly replayed: boolean
  /** The access token that the request names. */
  readonly token: AccessTokenRow | null
  /** All tokens of its transfer, in the order in which they were given out. */
  readonly tokens: readonly AccessTokenRow[]
  readonly outbox: OutboxRow | null
}

export interface RenewRequest {
  /** Who signed the request. */
  readonly sender: ParticipantId
  readonly replay: ReplayRow
  readonly refreshHash: string
}

export type Renewed =
  | { readonly ok: true; readonly value: Required<RenewedToken> }
  /** `isGrant`: it is the refresh token that is refused, and not who sent it. */
  | { readonly ok: false; readonly problem: Problem; readonly isGrant: boolean }

/**
 * The decision, and with it the new pair. Refused: what is not the refresh token of that access token, or not of that sender
 * (all of it as `token.unknown`: nobody learns which); a transfer that is not open; an agreement that was ended or whose policy
 * permits nothing any more. The old pair lives on until the new one is used, because this answer may be lost; a renewal that
 * nobody has used yields to the next one.
 */
export function renewToken(
  rows: RenewRows,
  { sender, replay, refreshHash }: RenewRequest,
  scene: Scene,
): { readonly write: readonly Write[]; readonly result: Renewed } {
  const { token, transfer, agreement, tokens } = rows
  const { now, fresh, renewedTokenMs } = scene
  if (rows.replayed) {
    const found = problem('token.replayed', 'this token was used before')
    return { write: [], result: { ok: false, problem: found, isGrant: false } }
  }
  const used: Write = { put: 'replay', row: replay }
  const unknown = problem('token.unknown', 'this is no refresh token of that access token and that participant')
  const refuse = (why: Problem, written: readonly Write[] = []): ReturnType<typeof renewToken> => ({
    write: [used, ...written],
    result: { ok: false, problem: why, isGrant: true },
  })
  // Of what is no token of ours nothing goes on record: anyone could fill the disk with it.
  if (token === null || transfer === null || agreement === null) return refuse(unknown)
  const refused = (why: Problem): ReturnType<typeof renewToken> =>
    refuse(why, [entry('token.refused', transfer, sender, now, { ext: traceOf(why) })])

  if (transfer.counterparty !== sender || token.refreshHash !== refreshHash) return refused(unknown)
  if (!isOpen(transfer) || !provesStart(rows)) return refused(notStarted(transfer))
  // What was counted stays allowed: a delivery that broke off may go on with the new token.
  const judged = judge(rows, agreement, { purpose: null, size: 0 }, 'during', now)
  if (judged.problem !== null) return refused(judged.problem)

  const expiresInS = Math.max(1, Math.floor(renewedTokenMs / 1000))
  const row: AccessTokenRow = {
    hash: accessTokenHash(fresh.accessToken),
    transferPid: transfer.pid,
    messageId: token.messageId,
    expiresAt: later(now, expiresInS * 1000),
    usedAt: null,
    refreshHash: accessTokenHash(fresh.refreshToken),
    startedAt: token.startedAt,
  }
  const unused = tokens
    .slice(tokens.findIndex(({ hash }) => hash === token.hash) + 1)
    .filter(({ messageId, usedAt }) => messageId === token.messageId && usedAt === null)
  const settled = settleStart(rows, scene)
  return {
    write: [
      used,
      ...settled.write,
      ...retireOlder(rows, token, now),
      ...unused.map(({ hash }) => ({ remove: 'accessToken', key: [hash] }) as const),
      { put: 'accessToken', row },
      entry('token.renewed', settled.next, sender, now, { ext: { expiresInS, ...dropped(unused.length) } }),
    ],
    result: {
      ok: true,
      value: { authorization: fresh.accessToken, refreshToken: fresh.refreshToken, expiresInS },
    },
  }
}

/** How many renewals before this one nobody has used: an answer was lost, or two asked at the same time. */
function dropped(unused: number): { readonly [key: string]: number } {
  return unused === 0 ? {} : { unused }
}
