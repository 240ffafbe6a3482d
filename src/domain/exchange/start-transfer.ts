// The provider starts (or resumes) a transfer: a data address with a token of its own goes out with the message.

import { digestOf } from '../../kernel/digest.ts'
import type { Result } from '../../kernel/problem.ts'
import { later } from '../../kernel/time.ts'
import { writeDataAddress } from '../../protocol/dsp/data-address.ts'
import type { DataAddress } from '../../protocol/dsp/messages.ts'
import { accessTokenHash } from '../delivery/access-token.ts'
import type { Write } from '../ledger.ts'
import { entry } from './inbound.ts'
import { outboxRow, proposeMove, TRANSFERS, type Step } from './steps.ts'
import type { Scene } from './scene.ts'
import type { Transfer } from './transfer.ts'

/**
 * Proposes TransferStartMessage. A provider of a pull puts a fresh data address in it (DSP 2025-1: MUST for pull); a
 * consumer that resumes sends none. Of the token only the digest stays here, beside the message that carries it.
 */
export function startTransfer(transfer: Transfer, scene: Scene): Result<Step<Transfer>> {
  if (transfer.role === 'CONSUMER') return proposeMove(TRANSFERS, transfer, 'TransferStartMessage', scene)

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

/** A token of its own for this start, and the address that carries it. */
function giveAccess(
  { pid }: Transfer,
  { fresh, dataBase, now, accessTokenMs }: Scene,
): { dataAddress: DataAddress; write: Write } {
  const { accessToken, messageId } = fresh
  const row = {
    hash: accessTokenHash(accessToken),
    transferPid: pid,
    messageId,
    expiresAt: later(now, accessTokenMs),
    usedAt: null,
  }
  return {
    dataAddress: writeDataAddress({ endpoint: `${dataBase}/${pid}`, authorization: accessToken }),
    write: { put: 'accessToken', row },
  }
}
