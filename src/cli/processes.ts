// `lingqu negotiations …` and `lingqu transfers …`: what runs, and what a person does with it.

import { columns } from './columns.ts'
import { openManagement } from './management.ts'
import { done, type Command } from './outcome.ts'

export type Kind = 'negotiations' | 'transfers'

interface Process {
  readonly id: string
  readonly role: string
  readonly state: string
  readonly counterPartyId: string
  readonly updatedAt: string
  readonly unacknowledged: string | null
  readonly problem: { readonly code: string; readonly message: string } | null
  /** Of a transfer: in which direction its data goes. */
  readonly format?: string
}

export function list(kind: Kind): Command {
  return async (_invocation, io) => {
    const items = await (await openManagement(io)).all<Process>(`/${kind}`)
    return done({ items }, columns(items.map(line), `no ${kind} yet`))
  }
}

export function show(kind: Kind): Command {
  return async ({ positionals: [id = ''] }, io) => {
    const found = await (await openManagement(io)).get<Process>(`/${kind}/${encodeURIComponent(id)}`)
    return done(found, JSON.stringify(found, null, 2))
  }
}

/** The answer comes when the message is stored to be sent; the state moves when the counter-party acknowledges it. */
export function act(kind: Kind, action: string): Command {
  return async ({ positionals: [id = ''], text }, io) => {
    const reason = text('reason')
    const api = await openManagement(io)
    const path = `/${kind}/${encodeURIComponent(id)}/${action}`
    const changed = await api.post<Process>(path, reason === undefined ? {} : { reason })
    return done(changed, line(changed).join('  '))
  }
}

function line(process: Process): readonly string[] {
  const { id, role, state, counterPartyId, updatedAt, unacknowledged, problem, format } = process
  const onItsWay = unacknowledged === null ? '' : ` (${unacknowledged} on its way)`
  const why = problem === null ? '' : problem.message
  return [id, role, ...(format === undefined ? [] : [format]), `${state}${onItsWay}`, counterPartyId, updatedAt, why]
}
