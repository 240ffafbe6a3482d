// The operator who plays the script: follows the event stream, and acts a moment after a state is reached.

import { setTimeout as pause } from 'node:timers/promises'
import { ManagementError, type Management } from './management.ts'
import {
  CONSUMER_NEGOTIATIONS,
  CONSUMER_TRANSFERS,
  PROVIDER_NEGOTIATIONS,
  PROVIDER_TRANSFERS,
  type Script,
} from './script.ts'

/** The kit registers what it expects a moment after its own message was answered: acting earlier meets nobody. */
const PAUSE_MS = 400

interface ShownProcess {
  readonly '@type': 'ContractNegotiation' | 'TransferProcess'
  readonly role: 'PROVIDER' | 'CONSUMER'
  readonly offer?: { readonly target: string }
  readonly agreementId: string
}

/**
 * @param keyOf the name in the script of an agreement's id
 */
export async function playScript(
  management: Management,
  keyOf: (agreementId: string) => string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const reached = new Map<string, Map<string, number>>()
  const playing = new Set<Promise<void>>()

  async function play(pid: string, state: string, occasion: number): Promise<void> {
    const [path, process] = await look(management, pid)
    if (process === null) return
    const action = stepsOf(process, keyOf)?.[state]?.[occasion]
    if (action === undefined || action === 'nothing') return
    await pause(PAUSE_MS)
    try {
      await management.call(
        'POST',
        `/${path}/${pid}/${action}`,
        action === 'terminate' || action === 'suspend' ? { code: '1', reason: 'script' } : undefined,
      )
    } catch (error) {
      // The kit's own message came first: there is nothing left to do.
      if (!(error instanceof ManagementError && error.status === 409)) throw error
    }
  }

  try {
    for await (const { type, pid, ext } of management.events(signal)) {
      const state = ext?.state
      if (pid === undefined || typeof state !== 'string' || !/^message\.(received|acknowledged)$/.test(type)) continue
      const counts = reached.get(pid) ?? new Map<string, number>()
      const occasion = counts.get(state) ?? 0
      reached.set(pid, counts.set(state, occasion + 1))
      const played = play(pid, state, occasion).catch((error: unknown) => {
        console.error(`script: ${String(error)}`)
      })
      playing.add(played)
      void played.finally(() => playing.delete(played))
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
  await Promise.all(playing)
}

async function look(management: Management, pid: string): Promise<readonly [string, ShownProcess | null]> {
  for (const path of ['negotiations', 'transfers']) {
    try {
      return [path, await management.call<ShownProcess>('GET', `/${path}/${pid}`)]
    } catch (error) {
      if (!(error instanceof ManagementError && error.status === 404)) throw error
    }
  }
  return ['', null]
}

function stepsOf(
  { '@type': type, role, offer, agreementId }: ShownProcess,
  keyOf: (agreementId: string) => string | undefined,
): Script<string>[string] | undefined {
  if (type === 'ContractNegotiation') {
    const script = role === 'PROVIDER' ? PROVIDER_NEGOTIATIONS : CONSUMER_NEGOTIATIONS
    return script[offer?.target ?? '']
  }
  const script = role === 'PROVIDER' ? PROVIDER_TRANSFERS : CONSUMER_TRANSFERS
  return script[keyOf(agreementId) ?? '']
}
