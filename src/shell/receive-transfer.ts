// A message of a transfer process comes in: read the rows, decide, commit; then answer.

import { DELIVERY_ACTION } from '../domain/access/admit.ts'
import { receiveTransfer } from '../domain/exchange/receive-transfer.ts'
import { openTransfer } from '../domain/exchange/receive-transfer-opening.ts'
import type { TransferMessage, TransferRequestMessage } from '../protocol/dsp/messages.ts'
import { isPidOfAnother, type Receive, type ReceiveOptions } from './receive-negotiation.ts'

export type ReceiveTransfer = Receive<TransferMessage, TransferRequestMessage>

export function createReceiveTransfer(options: Omit<ReceiveOptions, 'definitions'>): ReceiveTransfer {
  const { transact, newScene, defaults, processesPerPeerMax } = options

  return {
    message: (inbound) => {
      const scene = newScene()
      const { sender, replay, message, messageId, bodyDigest } = inbound
      const path = inbound.pid ?? ''
      return transact(
        (read) => {
          const transfer = read.get('transfer', path)
          return {
            replayed: replay !== null && read.get('replay', replay.iss, replay.jti) !== null,
            transfer,
            answered: read.get('inbox', path, sender, messageId, bodyDigest),
            last: transfer === null ? null : read.lastAccepted(transfer.pid, sender),
            isPidTaken:
              transfer !== null &&
              isPidOfAnother(transfer, message, (peer) => read.transferOf(sender, transfer.role, peer)),
            agreement: transfer === null ? null : read.get('agreement', transfer.agreementId),
          }
        },
        (rows) => receiveTransfer(inbound, rows, scene),
      )
    },

    opening: (inbound, pid) => {
      const drawn = newScene()
      const scene = { ...drawn, fresh: { ...drawn.fresh, pid } }
      const { sender, replay, message } = inbound
      return transact(
        (read) => {
          const existing = read.transferOf(sender, 'PROVIDER', message.consumerPid)
          const agreement = read.get('agreement', message.agreementId)
          return {
            replayed: replay !== null && read.get('replay', replay.iss, replay.jti) !== null,
            existing,
            accepted: existing !== null && read.lastAccepted(existing.pid, sender) !== null,
            openProcesses: read.openProcesses(sender),
            agreement,
            negotiation: agreement === null ? null : read.get('negotiation', agreement.negotiationPid),
            dataset: agreement === null ? null : read.get('dataset', agreement.datasetId),
            peer: read.get('peer', sender),
            used: agreement === null ? 0 : (read.get('counter', agreement.id, DELIVERY_ACTION)?.used ?? 0),
          }
        },
        (rows) => openTransfer(inbound, rows, defaults.transfer, processesPerPeerMax, scene),
      )
    },
  }
}
