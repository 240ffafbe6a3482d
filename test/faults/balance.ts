// What must hold on both sides when the dust has settled: every move once, one agreement, counters right, evidence verified.

import { expect } from 'vitest'
import type { Connector, Entry } from '../fixtures/connector.ts'
import { eventually } from '../fixtures/eventually.ts'
import type { ProcessView } from '../fixtures/pair.ts'
import type { By, Move, Story, World } from './stories.ts'

/** Compares both logs and databases with the story as it was told. */
export async function expectBalance(
  world: World,
  { kind, moves, ends }: Story,
  views: { readonly provider: ProcessView; readonly consumer: ProcessView },
): Promise<void> {
  const { pair, agreementId } = world
  for (const by of ['consumer', 'provider'] as const) {
    const { connector } = pair[by]
    const pid = views[by].id
    const entries = connector.entries(pid)
    const own = moves.filter((each) => each.by === by).map(nameOf)
    const theirs = moves.filter((each) => each.by !== by).map(nameOf)
    expect({ side: by, ...told(entries) }).toEqual({
      side: by,
      proposed: own,
      acknowledged: own,
      received: theirs,
      accepted: theirs.length,
      against: [],
    })
    const kept = connector.rows('SELECT 1 FROM inbox WHERE pid = ? AND accepted = 1', pid)
    expect(kept).toHaveLength(theirs.length)
    expect(connector.rows('SELECT pid, move, last_error FROM outbox')).toEqual([])
    connector.verify()
  }
  expect(digests(world, 'consumer', views)).toEqual(digests(world, 'provider', views))

  if (kind === 'negotiations') {
    const [own, theirs] = (['consumer', 'provider'] as const).map((by) =>
      agreementsOf(pair[by].connector, views[by].id),
    )
    expect(own).toEqual(theirs)
    expect(own).toHaveLength(moves.some(({ move }) => move === 'ContractAgreementMessage') ? 1 : 0)
    return
  }
  expect(ends).toBe(views.provider.state)
  const { connector } = pair.provider
  // The end of a delivery is on record a moment after its last byte has arrived.
  await eventually(
    'no delivery is open',
    () => connector.rows("SELECT 1 FROM delivery WHERE outcome = 'open'").length === 0,
  )
  expect(connector.rows('SELECT used FROM counter WHERE agreement_id = ?', agreementId)).toEqual(
    world.uses === 0 ? [] : [{ used: world.uses }],
  )
  const counted = connector
    .entries()
    .filter(({ type, agreement }) => type === 'usage.counted' && agreement === agreementId)
  expect(counted).toHaveLength(world.uses)
}

function nameOf({ move }: Move, index: number): string {
  return move === 'ContractRequestMessage' && index === 0 ? `${move}:initial` : move
}

function told(entries: readonly Entry[]): Readonly<Record<string, unknown>> {
  const movesOf = (type: string): unknown[] =>
    entries.filter((entry) => entry.type === type).map(({ ext }) => ext?.['move'])
  return {
    proposed: movesOf('message.proposed'),
    acknowledged: movesOf('message.acknowledged'),
    received: movesOf('message.received'),
    accepted: movesOf('message.received').length,
    against: entries.filter(({ type }) => ['message.refused', 'message.failed', 'process.ended'].includes(type)),
  }
}

/** The bytes that one side proposed are the bytes that the other received: as `who sent what`. */
function digests(
  { pair }: World,
  by: By,
  views: { readonly provider: ProcessView; readonly consumer: ProcessView },
): readonly string[] {
  const side = pair[by].connector
  return side
    .entries(views[by].id)
    .filter(({ type }) => type === 'message.proposed' || type === 'message.received')
    .map(({ actor, msgDigest }) => `${actor} ${String(msgDigest)}`)
    .toSorted()
}

function agreementsOf(connector: Connector, negotiationPid: string): readonly unknown[] {
  return connector.rows(
    'SELECT id, policy_digest, finalized_at IS NOT NULL AS final, ended_at FROM agreement WHERE negotiation_pid = ?',
    negotiationPid,
  )
}
