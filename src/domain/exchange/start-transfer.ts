// The provider starts (or resumes) a transfer: with a pull, a data address with tokens of its own goes out with the message.

import { digestOf } from '../../kernel/digest.ts'
import type { Result } from '../../kernel/problem.ts'
import { later } from '../../kernel/time.ts'
import { writeDataAddress } from '../../protocol/dsp/data-address.ts'
import { isPush } from '../../protocol/dsp/formats.ts'
import type { DataAddress } from '../../protocol/dsp/messages.ts'
import { accessTokenHash } from '../delivery/access-token.ts'
import type { Write } from '../ledger.ts'
import { entry } from './inbound.ts'
import { outboxRow, proposeMove, TRANSFERS, type Step } from './steps.ts'
import type { Scene } from './scene.ts'
import type { Transfer } from './transfer.ts'

/**
 * Proposes TransferStartMessage. A provider of a pull puts a fresh data address in it (DSP 2025-1: MUST for pull); a
 * consumer that resumes sends none, and with a push it is the provider who knows where the data goes. Of the tokens only the
 * digests stay here, beside the message that carries them.
 */
export function startTransfer(transfer: Transfer, scene: Scene): Result<Step<Transfer>> {
  if (transfer.role === 'CONSUMER' || isPush(transfer.format))
    return proposeMove(TRANSFERS, transfer, 'TransferStartMessage', scene)

  const given = giveAccess(transfer, scene)
  const proposed = proposeMove(TRANSFERS, transfer, 'TransferStartMessage', scene, { dataAddress: given.dataAddress })
  if (!proposed.ok) return proposed
  const { next, write } = proposed.value
  return { ok: true, value: { next, write: [...write, given.write] } }
}

/**
 * An EDC consumer that has resumed a transfer waits for one more TransferStartMessage that says where the data is now. It
 * moves nothing: no proposal is open, and whatever the answer is, the transfer stays as it stands.
 */
export function announceAddress(transfer: Transfer, scene: Scene): readonly Write[] {
  const { dataAddress, write } = giveAccess(transfer, scene)
  const row = outboxRow(TRANSFERS, transfer, 'TransferStartMessage', { dataAddress }, scene)
  const { move, body } = row
  const ext = { move, state: transfer.state, announces: 'dataAddress' }
  return [
    { put: 'outbox', row },
    write,
    entry('message.proposed', transfer, scene.self, scene.now, { msgDigest: digestOf(body), ext }),
  ]
}

/**
 * A pair of tokens of its own for this start, and the address that carries it. Nobody says beforehand whether they can renew:
 * who does so is held to the life that was announced, and who does not keeps the first token for longer.
 */
function giveAccess(
  { pid, counterparty }: Transfer,
  { fresh, dataBase, now, accessTokenMs, renewedTokenMs, keyless }: Scene,
): { dataAddress: DataAddress; write: Write } {
  const { accessToken, refreshToken, messageId } = fresh
  const canRenew = !keyless.has(counterparty)
  const row = {
    hash: accessTokenHash(accessToken),
    transferPid: pid,
    messageId,
    expiresAt: later(now, accessTokenMs),
    usedAt: null,
    refreshHash: canRenew ? accessTokenHash(refreshToken) : null,
    startedAt: now,
  }
  return {
    dataAddress: writeDataAddress({
      endpoint: `${dataBase}/${pid}`,
      authorization: accessToken,
      ...(canRenew && {
        refreshToken,
        refreshEndpoint: `${dataBase}/token`,
        expiresInS: Math.floor(Math.min(renewedTokenMs, accessTokenMs) / 1000),
      }),
    }),
    write: { put: 'accessToken', row },
  }
}
