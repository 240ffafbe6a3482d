// A message of a transfer process comes in: read the rows, decide, commit; then answer.

import { receiveTransfer } from '../domain/exchange/receive-transfer.ts'
import { openTransfer } from '../domain/exchange/receive-transfer-opening.ts'
import type { Problem } from '../kernel/problem.ts'
import { isPush } from '../protocol/dsp/formats.ts'
import type { TransferMessage, TransferRequestMessage } from '../protocol/dsp/messages.ts'
import { readPushAddress } from '../protocol/dsp/push-address.ts'
import { factRows } from './access-rows.ts'
import { readAnswered, readOpened } from './read-inbound.ts'
import type { Receive, ReceiveOptions } from './receive-negotiation.ts'

export type ReceiveTransfer = Receive<TransferMessage, TransferRequestMessage>

export interface ReceiveTransferOptions extends ReceiveOptions {
  /** Why we would never send anything to that URL; null where we would. Asked again when it is called. */
  readonly whyForbidden: (url: string) => Problem | null
}

export function createReceiveTransfer(options: ReceiveTransferOptions): ReceiveTransfer {
  const { transact, newScene, offers, defaults, processesPerPeerMax, whyForbidden } = options

  function forbiddenIn({ format, dataAddress }: TransferRequestMessage): Problem | null {
    const read = dataAddress === undefined || !isPush(format) ? null : readPushAddress(dataAddress)
    const found = read?.ok === true ? whyForbidden(read.value.endpoint) : null
    return found === null ? null : { ...found, path: 'dataAddress.endpoint' }
  }

  return {
    message: (inbound) => {
      const scene = newScene()
      return transact(
        (read) => {
          const transfer = read.get('transfer', inbound.pid ?? '')
          return {
            ...readAnswered(read, inbound, transfer, (peer) =>
              transfer === null ? null : read.transferOf(inbound.sender, transfer.role, peer),
            ),
            transfer,
            agreement: transfer === null ? null : read.get('agreement', transfer.agreementId),
          }
        },
        (rows) => receiveTransfer(inbound, rows, scene),
      )
    },

    opening: (inbound, pid) => {
      const drawn = newScene()
      const scene = { ...drawn, fresh: { ...drawn.fresh, pid } }
      const { sender, message } = inbound
      const forbidden = forbiddenIn(message)
      const { regime } = offers()
      return transact(
        (read) => {
          const agreement = read.get('agreement', message.agreementId)
          return {
            ...readOpened(read, inbound, read.transferOf(sender, 'PROVIDER', message.consumerPid)),
            agreement,
            negotiation: agreement === null ? null : read.get('negotiation', agreement.negotiationPid),
            ...factRows(read, agreement, regime, scene.now),
            forbidden,
          }
        },
        (rows) => openTransfer(inbound, rows, defaults.transfer, processesPerPeerMax, scene),
      )
    },
  }
}
