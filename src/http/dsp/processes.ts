// The paths of contract negotiations and transfer processes (DSP 2025-1, HTTPS binding). HTTP in, one answer out.

import { Router, type Request, type Response } from 'express'
import type { Answer } from '../../domain/exchange/inbound.ts'
import type { Kind } from '../../domain/ledger.ts'
import { problem, ProblemError } from '../../kernel/problem.ts'
import type { Pid } from '../../protocol/ids.ts'
import type { AuthenticateRead } from '../../shell/guard-reads.ts'
import type { Hold } from '../../shell/ports.ts'
import { ack, type ReadProcess } from '../../shell/read-process.ts'
import type { ReceiveNegotiation } from '../../shell/receive-negotiation.ts'
import type { ReceiveTransfer } from '../../shell/receive-transfer.ts'
import type { Authenticate } from '../../trust/identity.ts'
import { pidsIn, sendJson, sendProblem, type Family } from './answers.ts'
import { readInbound, readJson } from './inbound.ts'
import { toProblem } from '../problems.ts'

export interface ProcessPorts {
  readonly authenticate: Authenticate
  readonly authenticateRead: AuthenticateRead
  readonly receiveNegotiation: ReceiveNegotiation
  readonly receiveTransfer: ReceiveTransfer
  readonly readProcess: ReadProcess
  readonly hold: Hold
  readonly newPid: () => Pid
  /** Whether we would ever send to that address; throws `message.callback` where not. Nothing is created then. */
  readonly checkCallback: (address: string) => void
  readonly jsonDepthMax: number
  /** Writes down what went wrong. */
  readonly report: (error: unknown, request: Request) => void
}

// Both roles share our one base: where a path exists for both, the process says which role is ours.
// prettier-ignore
const NEGOTIATION_PATHS = [
  ['/:pid/request',                'ContractRequestMessage'],
  ['/:pid/offers',                 'ContractOfferMessage'],
  ['/:pid/agreement',              'ContractAgreementMessage'],
  ['/:pid/agreement/verification', 'ContractAgreementVerificationMessage'],
  ['/:pid/events',                 'ContractNegotiationEventMessage'],
  ['/:pid/termination',            'ContractNegotiationTerminationMessage'],
] as const

// prettier-ignore
const TRANSFER_PATHS = [
  ['/:pid/start',       'TransferStartMessage'],
  ['/:pid/suspension',  'TransferSuspensionMessage'],
  ['/:pid/completion',  'TransferCompletionMessage'],
  ['/:pid/termination', 'TransferTerminationMessage'],
] as const

export function negotiationRouter(ports: ProcessPorts): Router {
  const router = Router()
  const { receiveNegotiation: receive } = ports

  router.post(
    '/request',
    opening(ports, 'negotiation', 'ContractRequestMessage', (inbound, pid) => {
      if (inbound.message.callbackAddress === undefined) throw notOpening('callbackAddress')
      ports.checkCallback(inbound.message.callbackAddress)
      return receive.opening(inbound, pid)
    }),
  )
  router.post(
    '/offers',
    opening(ports, 'negotiation', 'ContractOfferMessage', (inbound, pid) => {
      if (inbound.message.callbackAddress === undefined) throw notOpening('callbackAddress')
      ports.checkCallback(inbound.message.callbackAddress)
      return receive.opening(inbound, pid)
    }),
  )
  for (const [path, type] of NEGOTIATION_PATHS) {
    router.post(
      path,
      existing(ports, 'negotiation', type, (inbound) => receive.message(inbound)),
    )
  }
  router.get('/:pid', reading(ports, 'negotiation'))
  return router
}

export function transferRouter(ports: ProcessPorts): Router {
  const router = Router()
  const { receiveTransfer: receive } = ports

  router.post(
    '/request',
    opening(ports, 'transfer', 'TransferRequestMessage', (inbound, pid) => {
      ports.checkCallback(inbound.message.callbackAddress)
      return receive.opening(inbound, pid)
    }),
  )
  for (const [path, type] of TRANSFER_PATHS) {
    router.post(
      path,
      existing(ports, 'transfer', type, (inbound) => receive.message(inbound)),
    )
  }
  router.get('/:pid', reading(ports, 'transfer'))
  return router
}

type Types = Parameters<typeof readInbound>[0]
type InboundOf<T extends Types> = Awaited<ReturnType<typeof readInbound<T>>>

/** A message that opens a process: 201 with the process (DSP 2025-1). */
function opening<T extends Types>(
  ports: ProcessPorts,
  kind: Kind,
  type: T,
  receive: (inbound: InboundOf<T>, pid: Pid) => Promise<Answer>,
) {
  return async (request: Request, response: Response): Promise<void> => {
    const pid = ports.newPid()
    await answering(ports, kind, request, response, pid, async (json) =>
      receive(await readInbound(type, json, request, null, ports.authenticate), pid),
    )
  }
}

/** A message to a process that exists: 200. */
function existing<T extends Types>(
  ports: ProcessPorts,
  kind: Kind,
  type: T,
  receive: (inbound: InboundOf<T>) => Promise<Answer>,
) {
  return async (request: Request, response: Response): Promise<void> => {
    const pid = String(request.params.pid)
    await answering(ports, kind, request, response, pid, async (json) =>
      receive(await readInbound(type, json, request, pid, ports.authenticate)),
    )
  }
}

function reading(ports: ProcessPorts, kind: Kind) {
  return async (request: Request, response: Response): Promise<void> => {
    const asker = await ports.authenticateRead(request.get('authorization'))
    const found = ports.readProcess(kind, String(request.params.pid), asker)
    if (found === null) throw new ProblemError(problem('process.unknown', 'no such process'))
    sendJson(response, 200, found)
  }
}

/** What our reaction sends is held back until this answer has left: it must not overtake our own 201. */
async function answering(
  ports: ProcessPorts,
  kind: Kind,
  request: Request,
  response: Response,
  pid: string,
  receive: (read: ReturnType<typeof readJson>) => Promise<Answer>,
): Promise<void> {
  const family: Family = kind === 'negotiation' ? 'negotiations' : 'transfers'
  const release = ports.hold(pid)
  // A sender that has gone already closes nothing any more: the hold would last for good.
  if (response.closed) release()
  else response.once('close', release)
  let supplied = {}
  try {
    const read = readJson(request, ports.jsonDepthMax)
    supplied = pidsIn(read.json)
    const answer = await receive(read)
    if (answer.ok) {
      sendJson(response, answer.created ? 201 : 200, ack(kind, answer.pids, answer.state) ?? {})
      return
    }
    ports.report(new ProblemError(answer.problem), request)
    sendProblem(response, family, answer.problem, { ...supplied, ...answer.pids })
  } catch (error) {
    ports.report(error, request)
    sendProblem(response, family, toProblem(error), supplied)
  }
}

function notOpening(member: string): ProblemError {
  return new ProblemError(problem('message.schema', `a message that opens a negotiation has a ${member}`, member))
}
