// Catalogue, negotiations, agreements, transfers: what a steward does with peers.

import { Router, type Request, type Response } from 'express'
import { reprDigest } from '../../dataplane/repr-digest.ts'
import {
  NEGOTIATION_ACTIONS,
  TRANSFER_ACTIONS,
  type NegotiationAction,
  type TransferAction,
} from '../../domain/exchange/act.ts'
import type { ActionDetails } from '../../domain/exchange/act.ts'
import type { Reader, Table, Tables } from '../../domain/ledger.ts'
import { orThrow, problem, ProblemError } from '../../kernel/problem.ts'
import { PURPOSE_HEADER } from '../../protocol/dsp/data-address.ts'
import type { ParticipantId } from '../../protocol/ids.ts'
import { readMessageOffer } from '../../protocol/odrl/normalise.ts'
import type { Act } from '../../shell/act.ts'
import type { Connect } from '../../shell/connect.ts'
import type { FetchData } from '../../shell/fetch-data.ts'
import type { FindPeer } from '../../shell/find-peer.ts'
import type { RequestCatalog } from '../../shell/request-catalog.ts'
import type { Permit } from './guard.ts'
import { jsonOf, malformed, membersOf, optionalMembers, optionalTextIn, pageOf, textIn, type Members } from './input.ts'
import { agreementView, negotiationView, transferView } from './views.ts'

export interface ExchangePorts {
  readonly permit: Permit
  readonly reader: Reader
  readonly act: Act
  readonly connect: Connect
  readonly findPeer: FindPeer
  readonly requestCatalog: RequestCatalog
  readonly fetchData: FetchData
}

export const PULL = 'HttpData-PULL'

export function exchangeRouter(ports: ExchangePorts): Router {
  const router = Router()
  const { permit, act, connect, findPeer, requestCatalog, fetchData } = ports

  router.post('/catalog/request', async (request, response) => {
    permit(request, 'read')
    const body = membersOf(jsonOf(request), ['counterPartyId', 'counterPartyAddress', 'filter'])
    const { filter } = body
    if (filter !== undefined && !Array.isArray(filter)) throw malformed('expected a list', 'filter')
    response.json(await requestCatalog({ ...counterpartyIn(body), ...(filter !== undefined && { filter }) }))
  })

  router.post('/connect', async (request, response) => {
    const by = permit(request, 'exchange')
    const body = membersOf(jsonOf(request), ['counterPartyId', 'counterPartyAddress', 'datasetId', 'format'])
    const datasetId = textIn(body, 'datasetId')
    response.json(
      await connect({ ...counterpartyIn(body), datasetId, format: optionalTextIn(body, 'format') ?? PULL }, by),
    )
  })

  router.post('/negotiations', async (request, response) => {
    const by = permit(request, 'exchange')
    const body = membersOf(jsonOf(request), ['role', 'counterPartyId', 'counterPartyAddress', 'offer', 'automation'])
    const { counterparty, address } = counterpartyIn(body)
    const offer = orThrow(readMessageOffer(body.offer, 'offer'))
    const automation = automationIn(body)
    const role = optionalTextIn(body, 'role') ?? 'CONSUMER'
    if (role !== 'CONSUMER' && role !== 'PROVIDER') throw malformed('expected CONSUMER or PROVIDER', 'role')
    const peerAddress = address ?? (await findPeer(counterparty))
    response
      .status(201)
      .json(negotiationView(await act.openNegotiation({ role, counterparty, peerAddress, offer, automation }, by)))
  })
  router.post('/negotiations/:id/:action', async (request, response) => {
    const by = permit(request, 'exchange')
    const { id, action } = request.params
    if (!isOneOf<NegotiationAction>(action, NEGOTIATION_ACTIONS)) throw noSuchAction(action, NEGOTIATION_ACTIONS)
    response.json(negotiationView(await act.onNegotiation(id, action, detailsOf(request), by)))
  })
  shows(router, ports, '/negotiations', 'negotiation', negotiationView)

  router.post('/agreements/:id/end', async (request, response) => {
    const by = permit(request, 'exchange')
    const body = optionalMembers(request, ['reason'])
    response.json(
      agreementView(
        await act.endAgreement(request.params.id, optionalTextIn(body, 'reason') ?? 'ended by its holder', by),
      ),
    )
  })
  shows(router, ports, '/agreements', 'agreement', agreementView)

  router.post('/transfers', async (request, response) => {
    const by = permit(request, 'exchange')
    const body = membersOf(jsonOf(request), ['agreementId', 'format'])
    const format = optionalTextIn(body, 'format') ?? PULL
    response
      .status(201)
      .json(transferView(await act.openTransfer({ agreementId: textIn(body, 'agreementId'), format }, by)))
  })
  router.post('/transfers/:id/:action', async (request, response) => {
    const by = permit(request, 'exchange')
    const { id, action } = request.params
    if (!isOneOf<TransferAction>(action, TRANSFER_ACTIONS)) throw noSuchAction(action, TRANSFER_ACTIONS)
    response.json(transferView(await act.onTransfer(id, action, detailsOf(request), by)))
  })
  router.get('/transfers/:id/data-address', (request, response) => {
    permit(request, 'exchange')
    response.set('Cache-Control', 'no-store').json(fetchData.address(request.params.id))
  })
  router.get('/transfers/:id/data{/*rest}', async (request, response) => {
    permit(request, 'exchange')
    // Express answers HEAD with the handler of GET, which would fetch the whole and use up a delivery for nothing.
    if (request.method !== 'GET') throw malformed('expected GET: only fetching tells what there is', '')
    await proxyData(fetchData, request, response)
  })
  shows(router, ports, '/transfers', 'transfer', transferView)
  return router
}

/** The data of a transfer for an application beside the connector: it needs no token of the provider's. */
async function proxyData(fetchData: FetchData, request: Request, response: Response): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => {
    gone.abort()
  })
  const [, rest = ''] = /^\/transfers\/[^/]+\/data(?:\/(.*))?$/s.exec(request.url) ?? []
  const purpose = request.get(PURPOSE_HEADER)
  const canTrail = request.httpVersion === '1.1'
  const asked = { transferPid: String(request.params.id), rest, signal: gone.signal }
  await fetchData.fetch(
    { ...asked, ...(purpose !== undefined && { purpose }) },
    {
      writable: response,
      head: (mediaType) => {
        // Sent at once: an answer that has begun can only be cut, so that no problem document announces a trailer.
        // Not with express's `set`, which would add a charset that nobody knows to a media type of text.
        response.setHeader('Content-Type', mediaType)
        response.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' })
        if (canTrail) response.set('Trailer', 'Repr-Digest')
        response.flushHeaders()
      },
      trail: (digest) => {
        if (canTrail) response.addTrailers({ 'Repr-Digest': reprDigest(digest) })
      },
    },
  )
}

/** A list and a single row of a table, as `view` shows them. */
function shows<T extends Table>(
  router: Router,
  { permit, reader }: ExchangePorts,
  path: string,
  table: T,
  view: (row: Tables[T]) => object,
): void {
  router.get(path, (request, response) => {
    permit(request, 'read')
    const page = pageOf(request)
    const rows = reader.list(table, page)
    const last = rows.length === page.limit ? rows.at(-1) : undefined
    const next = last === undefined ? null : 'pid' in last ? last.pid : 'id' in last ? last.id : null
    response.json({ items: rows.map(view), next })
  })
  router.get(`${path}/:id`, (request, response) => {
    permit(request, 'read')
    const row = reader.get(table, request.params.id)
    if (row === null) throw new ProblemError(problem('resource.unknown', `no such ${table}`))
    response.json(view(row))
  })
}

function counterpartyIn(body: Members): { readonly counterparty: ParticipantId; readonly address?: string } {
  const address = optionalTextIn(body, 'counterPartyAddress')
  return { counterparty: textIn(body, 'counterPartyId') as ParticipantId, ...(address !== undefined && { address }) }
}

// prettier-ignore
const AUTOMATION: Readonly<Record<string, readonly string[]>> = {
  onOffered: ['accept', 'manual'],
  onAgreed:  ['verify', 'manual'],
}

/** `{"onOffered":"accept"|"manual","onAgreed":"verify"|"manual"}`: how this negotiation goes on. */
function automationIn(body: Members): Readonly<Record<string, never>> {
  const automation = membersOf(body.automation ?? {}, Object.keys(AUTOMATION), 'automation')
  for (const [step, value] of Object.entries(automation)) {
    const allowed = AUTOMATION[step] ?? []
    if (!allowed.some((each) => each === value))
      throw malformed(`expected ${allowed.join(' or ')}`, `automation.${step}`)
  }
  return automation as Readonly<Record<string, never>>
}

function detailsOf(request: Request): ActionDetails {
  const body = optionalMembers(request, ['offer', 'code', 'reason'])
  const code = optionalTextIn(body, 'code')
  const reason = optionalTextIn(body, 'reason')
  return {
    ...(body.offer !== undefined && { offer: orThrow(readMessageOffer(body.offer, 'offer')) }),
    ...(code !== undefined && { code }),
    ...(reason !== undefined && { reason }),
  }
}

function isOneOf<Action extends string>(action: string, actions: Readonly<Record<Action, string>>): action is Action {
  return Object.hasOwn(actions, action)
}

function noSuchAction(action: string, actions: object): ProblemError {
  return malformed(`expected one of ${Object.keys(actions).join(', ')}`, action.slice(0, 100))
}
