// The provider starts (or resumes) a transfer: a data address with a token of its own goes out with the message.

import type { Result } from '../../kernel/problem.ts'
import { later } from '../../kernel/time.ts'
import { writeDataAddress } from '../../protocol/dsp/data-address.ts'
import { accessTokenHash } from '../delivery/access-token.ts'
import { proposeMove, TRANSFERS, type Step } from './steps.ts'
import type { Scene } from './scene.ts'
import type { Transfer } from './transfer.ts'

/**
 * Proposes TransferStartMessage. A provider of a pull puts a fresh data address in it (DSP 2025-1: MUST for pull); a
 * consumer that resumes sends none. Of the token only the digest stays here, beside the message that carries it.
 */
export function startTransfer(transfer: Transfer, scene: Scene): Result<Step<Transfer>> {
  if (transfer.role === 'CONSUMER') return proposeMove(TRANSFERS, transfer, 'TransferStartMessage', scene)

  const { accessToken, messageId } = scene.fresh
  const dataAddress = writeDataAddress({ endpoint: `${scene.dataBase}/${transfer.pid}`, authorization: accessToken })
  const proposed = proposeMove(TRANSFERS, transfer, 'TransferStartMessage', scene, { dataAddress })
  if (!proposed.ok) return proposed

  const row = {
    hash: accessTokenHash(accessToken),
    transferPid: transfer.pid,
    messageId,
    expiresAt: later(scene.now, scene.accessTokenMs),
    usedAt: null,
  }
  const { next, write } = proposed.value
  return { ok: true, value: { next, write: [...write, { put: 'accessToken', row }] } }
}
