// A message of a contract negotiation comes in: read the rows, decide, commit; then answer.

import { factsOn } from '../domain/catalog/offers.ts'
import type { Answer, Inbound } from '../domain/exchange/inbound.ts'
import { receiveNegotiation } from '../domain/exchange/receive-negotiation.ts'
import { openNegotiation } from '../domain/exchange/receive-negotiation-opening.ts'
import type { Store } from '../domain/ledger.ts'
import type { ContractOfferMessage, ContractRequestMessage, NegotiationMessage } from '../protocol/dsp/messages.ts'
import type { Pid } from '../protocol/ids.ts'
import type { Defaults, NewScene, Offers } from './ports.ts'
import { readAnswered, readOpened } from './read-inbound.ts'

export interface ReceiveOptions {
  readonly transact: Store['transact']
  readonly newScene: NewScene
  readonly offers: Offers
  readonly defaults: Defaults
  readonly processesPerPeerMax: number
}

export interface Receive<Message, Opening> {
  /** To a process that exists; `pid` is our own, from the path. */
  message(inbound: Inbound<Message>): Promise<Answer>
  /** Opens a process; `pid` is the one that it will have. */
  opening(inbound: Inbound<Opening>, pid: Pid): Promise<Answer>
}

export type ReceiveNegotiation = Receive<NegotiationMessage, ContractRequestMessage | ContractOfferMessage>

export function createReceiveNegotiation(options: ReceiveOptions): ReceiveNegotiation {
  const { transact, newScene, offers, defaults, processesPerPeerMax } = options

  return {
    message: (inbound) => {
      const scene = newScene()
      const { sender, message } = inbound
      const inForce = offers()
      return transact(
        (read) => {
          const negotiation = read.get('negotiation', inbound.pid ?? '')
          const agreementId = negotiation?.agreementId ?? null
          return {
            ...readAnswered(read, inbound, negotiation, (peer) =>
              negotiation === null ? null : read.negotiationOf(sender, negotiation.role, peer),
            ),
            negotiation,
            offers: negotiation === null ? 0 : read.offersOf(negotiation.pid).length,
            agreement: agreementId === null ? null : read.get('agreement', agreementId),
            inForce:
              negotiation?.role === 'PROVIDER'
                ? { dataset: read.get('dataset', negotiation.offer.target), offers: inForce }
                : null,
            taken:
              message['@type'] === 'ContractAgreementMessage' ? read.get('agreement', message.agreement['@id']) : null,
          }
        },
        (rows) => receiveNegotiation(inbound, rows, scene),
      )
    },

    opening: (inbound, pid) => {
      const drawn = newScene()
      const scene = { ...drawn, fresh: { ...drawn.fresh, pid } }
      const { sender, message } = inbound
      const inForce = offers()
      const [role, peerPid] =
        message['@type'] === 'ContractRequestMessage'
          ? (['PROVIDER', message.consumerPid] as const)
          : (['CONSUMER', message.providerPid] as const)
      return transact(
        (read) => {
          return {
            ...readOpened(read, inbound, read.negotiationOf(sender, role, peerPid)),
            offered:
              role === 'CONSUMER'
                ? null
                : {
                    dataset: read.get('dataset', message.offer.target),
                    offers: inForce,
                    facts: factsOn(sender, read.get('peer', sender), inForce.regime, scene.now),
                  },
          }
        },
        (rows) => openNegotiation(inbound, rows, defaults.negotiation, processesPerPeerMax, scene),
      )
    },
  }
}
