// Catalogue, negotiations, agreements, transfers: what a steward does with peers.

import type { ActionDetails, NegotiationAction, TransferAction } from '../../domain/exchange/act.ts'
import type { AgreementRow, Reader } from '../../domain/ledger.ts'
import { orThrow, problem, ProblemError } from '../../kernel/problem.ts'
import type { ParticipantId, Pid } from '../../protocol/ids.ts'
import { isPush, PULL } from '../../protocol/dsp/formats.ts'
import { readMessageOffer } from '../../protocol/odrl/normalise.ts'
import { lostOnWire } from '../../protocol/odrl/to-wire.ts'
import type { MessageOffer } from '../../protocol/odrl/types.ts'
import type { Act } from '../../shell/act.ts'
import type { Connect } from '../../shell/connect.ts'
import type { FetchData } from '../../shell/fetch-data.ts'
import type { FindPeer } from '../../shell/find-peer.ts'
import type { RequestCatalog } from '../../shell/request-catalog.ts'
import type { CounterpartyBody, WordsBody } from './bodies.ts'
import { destinationIn } from './destination.ts'
import type { Permit } from './guard.ts'
import { proxyData } from './proxy-data.ts'
import { malformed, pageIn, seqPageIn } from './query.ts'
import type { Call, Handlers, Reply } from './serve.ts'
import { stepView } from './timeline.ts'
import {
  agreementView,
  listView,
  negotiationView,
  numberedOfferView,
  pushView,
  receptionView,
  transferView,
} from './views.ts'

export interface ExchangePorts {
  readonly reader: Reader
  readonly act: Act
  readonly connect: Connect
  readonly findPeer: FindPeer
  readonly requestCatalog: RequestCatalog
  readonly fetchData: FetchData
  readonly permit: Permit
  /** Below which data that is pushed to us may be written as files; undefined: none may. */
  readonly sinksDir: string | undefined
}

export function catalogHandlers({
  connect,
  requestCatalog,
}: ExchangePorts): Pick<Handlers, 'requestCatalog' | 'connect'> {
  return {
    requestCatalog: async ({ body }) => {
      const { filter } = body
      const question = { ...counterpartyIn(body), ...(filter !== undefined && { filter }) }
      return { status: 200, body: await requestCatalog(question) }
    },
    connect: async ({ body, by }) => {
      const format = body.format ?? PULL
      // A push needs a place to send to, which `POST /transfers` takes.
      if (isPush(format)) throw malformed('expected a format that is fetched', 'format')
      const request = { ...counterpartyIn(body), datasetId: body.datasetId, format }
      return { status: 200, body: await connect(request, by) }
    },
  }
}

type NegotiationHandlers = Pick<
  Handlers,
  | 'openNegotiation'
  | 'listNegotiations'
  | 'readNegotiation'
  | 'listOffersMade'
  | 'readNegotiationHistory'
  | 'offer'
  | 'agree'
  | 'finalize'
  | 'accept'
  | 'verify'
  | 'counter'
  | 'terminateNegotiation'
>

export function negotiationHandlers({ reader, act, findPeer }: ExchangePorts): NegotiationHandlers {
  const acts =
    (action: NegotiationAction) =>
    async ({ parameters: { id = '' }, body, by }: Call<DetailsBody>): Promise<Reply> => ({
      status: 200,
      body: negotiationView(await act.onNegotiation(id, action, detailsIn(body), by)),
    })

  function mustExist(pid: string): Pid {
    return found(reader.get('negotiation', pid), 'negotiation').pid
  }

  return {
    openNegotiation: async ({ body, by }) => {
      const { counterparty, address } = counterpartyIn(body)
      const offer = offerIn(body.offer)
      const peerAddress = address ?? (await findPeer(counterparty))
      const { role, automation } = body
      const request = { role: role ?? 'CONSUMER', counterparty, peerAddress, offer, automation: automation ?? {} }
      return { status: 201, body: negotiationView(await act.openNegotiation(request, by)) }
    },
    listNegotiations: ({ query }) => {
      const page = pageIn(query)
      const rows = reader.list('negotiation', page)
      return { status: 200, body: listView(rows, page.limit, negotiationView, ({ pid }) => pid) }
    },
    readNegotiation: ({ parameters: { id = '' } }) => ({
      status: 200,
      body: negotiationView(found(reader.get('negotiation', id), 'negotiation')),
    }),
    listOffersMade: ({ parameters: { id = '' } }) => ({
      status: 200,
      body: { items: reader.offersOf(mustExist(id)).map(numberedOfferView), next: null },
    }),
    readNegotiationHistory: ({ parameters: { id = '' }, query }) => history(reader, mustExist(id), query),
    offer: acts('offer'),
    agree: acts('agree'),
    finalize: acts('finalize'),
    accept: acts('accept'),
    verify: acts('verify'),
    counter: acts('counter'),
    terminateNegotiation: acts('terminate'),
  }
}

export function agreementHandlers({
  reader,
  act,
}: ExchangePorts): Pick<Handlers, 'listAgreements' | 'readAgreement' | 'endAgreement'> {
  const view = (row: AgreementRow): object => agreementView(row, reader.get('usage', row.id))
  return {
    listAgreements: ({ query }) => {
      const page = pageIn(query)
      return { status: 200, body: listView(reader.list('agreement', page), page.limit, view, ({ id }) => id) }
    },
    readAgreement: ({ parameters: { id = '' } }) => ({
      status: 200,
      body: view(found(reader.get('agreement', id), 'agreement')),
    }),
    endAgreement: async ({ parameters: { id = '' }, body, by }) => ({
      status: 200,
      body: view(await act.endAgreement(id, body.reason ?? 'ended by its holder', by)),
    }),
  }
}

type TransferHandlers = Pick<
  Handlers,
  | 'openTransfer'
  | 'listTransfers'
  | 'readTransfer'
  | 'readTransferHistory'
  | 'start'
  | 'suspend'
  | 'resume'
  | 'complete'
  | 'terminateTransfer'
  | 'readDataAddress'
  | 'fetchData'
  | 'fetchDataBelow'
>

export function transferHandlers({ reader, act, fetchData, permit, sinksDir }: ExchangePorts): TransferHandlers {
  const acts =
    (action: TransferAction) =>
    async ({ parameters: { id = '' }, body, by }: Call<DetailsBody>): Promise<Reply> => ({
      status: 200,
      body: transferView(await act.onTransfer(id, action, detailsIn(body), by)),
    })
  const fetches = async ({ parameters: { id = '' }, request, response }: Call): Promise<null> => {
    await proxyData(fetchData, id, request, response)
    return null
  }

  return {
    openTransfer: async ({ body, by, request: call }) => {
      const destination = destinationIn(body, sinksDir, () => permit(call, 'administer'))
      const { agreementId, format, automation } = body
      const request = {
        agreementId,
        format: format ?? PULL,
        automation: automation ?? {},
        ...(destination !== null && { destination }),
      }
      return { status: 201, body: transferView(await act.openTransfer(request, by)) }
    },
    listTransfers: ({ query }) => {
      const page = pageIn(query)
      return { status: 200, body: listView(reader.list('transfer', page), page.limit, transferView, ({ pid }) => pid) }
    },
    readTransfer: ({ parameters: { id = '' } }) => ({
      status: 200,
      body: {
        ...transferView(found(reader.get('transfer', id), 'transfer')),
        ...pushView(reader.get('push', id)),
        ...receptionView(reader.get('reception', id)),
      },
    }),
    readTransferHistory: ({ parameters: { id = '' }, query }) =>
      history(reader, found(reader.get('transfer', id), 'transfer').pid, query),
    start: acts('start'),
    suspend: acts('suspend'),
    resume: acts('resume'),
    complete: acts('complete'),
    terminateTransfer: acts('terminate'),
    readDataAddress: async ({ parameters: { id = '' } }) => ({
      status: 200,
      body: await fetchData.address(id),
      secret: true,
    }),
    fetchData: fetches,
    fetchDataBelow: fetches,
  }
}

function history(reader: Reader, pid: Pid, query: Call['query']): Reply {
  const { after, limit } = seqPageIn(query)
  return {
    status: 200,
    body: listView(reader.evidenceOf(pid, limit, after), limit, stepView, ({ seq }) => seq),
  }
}

function found<Row>(row: Row | null, what: string): Row {
  if (row === null) throw new ProblemError(problem('resource.unknown', `no such ${what}`))
  return row
}

function counterpartyIn({ counterPartyId, counterPartyAddress }: CounterpartyBody): {
  readonly counterparty: ParticipantId
  readonly address?: string
} {
  const address = counterPartyAddress ?? undefined
  return { counterparty: counterPartyId, ...(address !== undefined && { address }) }
}

function offerIn(raw: unknown): MessageOffer {
  const offer = orThrow(readMessageOffer(raw, 'offer'))
  const [lost] = lostOnWire(offer, 'offer')
  if (lost !== undefined) throw new ProblemError(lost)
  return offer
}

interface DetailsBody extends WordsBody {
  readonly offer?: unknown
}

function detailsIn({ offer, code, reason }: DetailsBody): ActionDetails {
  return {
    ...(offer !== undefined && { offer: offerIn(offer) }),
    ...(typeof code === 'string' && { code }),
    ...(typeof reason === 'string' && { reason }),
  }
}
