// Plays a scenario: the counter-party's part over DSP, the operator's part over the management API, a GET after each step.

import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { eventually } from '../../fixtures/eventually.ts'
import {
  CONSUMER_NEGOTIATIONS,
  CONSUMER_TRANSFERS,
  offerIdOf,
  PROVIDER_NEGOTIATIONS,
  PROVIDER_TRANSFERS,
} from '../dsp/script.ts'
import type { Connector } from './connector.ts'
import type { Counterparty } from './counterparty.ts'
import { faultOf, type Message } from './judge.ts'
import { kitMessage, NEGOTIATION_WORDS, TRANSFER_WORDS, USE, type Pids, type Subject, type Word } from './language.ts'
import type { Scenario } from './table.ts'

type Role = 'PROVIDER' | 'CONSUMER'
type Script = Readonly<Record<string, readonly string[]>>

export interface Stage {
  readonly connector: Connector
  readonly counterparty: Counterparty
  /** Finalized agreements between the two, by the connector's role in them; transfers need one. */
  readonly agreements: Readonly<Record<Role, string>>
}

export const FORMAT = 'HttpData-PULL'

/** Plays all steps; gives the id of the agreement that was made, if one was. Fails at the first step that goes otherwise. */
export async function play(scenario: Scenario, stage: Stage): Promise<string> {
  const play = await opening(scenario, stage)
  for (const step of scenario.steps.split(', ').slice(1)) {
    const [who = '', word = ''] = step.split(' ')
    if (who === 'they') await play.they(word)
    else if (who === 'we') await play.we(word)
    else if (who === 'refused') await play.refused(word)
    else throw new Error(`${scenario.id}: nobody does "${step}"`)
  }
  await play.ends()
  return play.agreementId()
}

async function opening({ id, key, steps }: Scenario, { connector, counterparty, agreements }: Stage) {
  const isTransfer = id.startsWith('TP')
  const role: Role = steps.startsWith('we ') ? 'CONSUMER' : 'PROVIDER'
  const words = isTransfer ? TRANSFER_WORDS : NEGOTIATION_WORDS
  const kind = isTransfer ? 'transfers' : 'negotiations'
  const script = scriptOf(isTransfer, role)[key] ?? {}
  const offerId = role === 'PROVIDER' ? offerIdOf(key) : `offer${key}`
  const offer: Message = { '@id': offerId, '@type': 'Offer', target: key, ...USE }
  const [assigner, assignee] =
    role === 'PROVIDER' ? [connector.did, counterparty.participant] : [counterparty.participant, connector.did]
  const { base, management } = connector
  let agreementId = agreements[role]

  const subjectOf = (pids: Pids): Subject => ({
    pids,
    callbackAddress: counterparty.address,
    offer,
    assigner,
    assignee,
    agreementId,
    format: FORMAT,
  })
  const pids = role === 'PROVIDER' ? await theyOpen() : await weOpen()
  const own = role === 'PROVIDER' ? pids.providerPid : pids.consumerPid
  const reached: string[] = ['REQUESTED']
  await stands('REQUESTED')

  async function theyOpen(): Promise<Pids> {
    const subject = subjectOf({ providerPid: '', consumerPid: randomUUID() })
    const answer = await counterparty.post(base + word('request').path, kitMessage('request', word('request'), subject))
    expect(answer.status, answer.text).toBe(201)
    expect(faultOf(answer.json)).toBeNull()
    expect(answer.json).toMatchObject({ consumerPid: subject.pids.consumerPid, state: 'REQUESTED' })
    return { ...subject.pids, providerPid: String(answer.json['providerPid']) }
  }

  async function weOpen(): Promise<Pids> {
    const body = isTransfer
      ? { agreementId, format: FORMAT }
      : { counterPartyId: counterparty.participant, counterPartyAddress: counterparty.address, offer }
    const { id: consumerPid } = await management.call<{ id: string }>('POST', `/${kind}`, body)
    const message = await counterparty.arrives(word('request').type, consumerPid)
    expect(message).toMatchObject(
      isTransfer ? { agreementId, format: FORMAT, callbackAddress: base } : { offer, callbackAddress: base },
    )
    // The connector has read the kit's answer as soon as it can tell which pid the kit gave.
    const { json } = await eventually('the request is acknowledged', async () => {
      const answer = await counterparty.get(`${base}/${kind}/${consumerPid}`)
      return answer.status === 200 ? answer : null
    })
    return { consumerPid, providerPid: String(json['providerPid']) }
  }

  function word(name: string): Word {
    const found = words[name]
    if (found === undefined) throw new Error(`${id}: "${name}" is no word of the scenarios`)
    return found
  }

  async function send(
    name: string,
  ): Promise<{ readonly message: Message; readonly answer: Awaited<ReturnType<Counterparty['post']>> }> {
    const message = kitMessage(name, word(name), subjectOf(pids))
    return { message, answer: await counterparty.post(base + word(name).path.replace(':pid', own), message) }
  }

  /** What the counter-party reads once, right after an answer. */
  async function stands(state: string): Promise<void> {
    const { status, json } = await counterparty.get(`${base}/${kind}/${own}`)
    expect(status).toBe(200)
    expect(faultOf(json)).toBeNull()
    expect(json).toMatchObject({ ...pids, state })
  }

  return {
    they: async (name: string): Promise<void> => {
      const { message, answer } = await send(name)
      expect(answer.status, `${name}: ${answer.text}`).toBe(200)
      reached.push(word(name).leadsTo)
      await stands(word(name).leadsTo)
      if (name === 'agree') agreementId = idOf(message)
    },

    refused: async (name: string): Promise<void> => {
      const { answer } = await send(name)
      expect(answer.status, answer.text).toBe(400)
      expect(faultOf(answer.json)).toBeNull()
      expect(answer.json).toMatchObject({
        ...pids,
        '@type': isTransfer ? 'TransferError' : 'ContractNegotiationError',
        code: 'move.illegal',
      })
      await stands(reached.at(-1) ?? '')
    },

    we: async (name: string): Promise<void> => {
      expect(nextOf(script, reached), 'what the operator of the kit does now').toBe(name)
      const body = name === 'terminate' || name === 'suspend' ? { code: '1', reason: 'script' } : undefined
      await management.call('POST', `/${kind}/${own}/${name}`, body)
      const message = await counterparty.arrives(word(name).type, own)
      expect(message).toMatchObject(pids)
      if (name === 'agree') agreementId = idOf(message)
      reached.push(word(name).leadsTo)
      await eventually(`the ${name} is acknowledged`, async () => {
        const { json } = await counterparty.get(`${base}/${kind}/${own}`)
        return json['state'] === word(name).leadsTo
      })
      await stands(word(name).leadsTo)
    },

    /** Nobody has anything more to do or to send. */
    ends: async (): Promise<void> => {
      expect(nextOf(script, reached) ?? 'nothing').toBe('nothing')
      const shown = await management.call<{ unacknowledged: unknown; state: string }>('GET', `/${kind}/${own}`)
      expect(shown).toMatchObject({ unacknowledged: null, state: reached.at(-1) })
      expect(counterparty.unexpected(own)).toEqual([])
    },

    agreementId: () => agreementId,
  }
}

function scriptOf(isTransfer: boolean, role: Role): Readonly<Record<string, Script>> {
  if (isTransfer) return role === 'PROVIDER' ? PROVIDER_TRANSFERS : CONSUMER_TRANSFERS
  return role === 'PROVIDER' ? PROVIDER_NEGOTIATIONS : CONSUMER_NEGOTIATIONS
}

/** The operator acts on the state that was reached last, by how often it has been reached. */
function nextOf(script: Script, reached: readonly string[]): string | undefined {
  const state = reached.at(-1) ?? ''
  return script[state]?.[reached.filter((each) => each === state).length - 1]
}

function idOf({ agreement }: Message): string {
  return String((agreement as Message)['@id'])
}
