// Which actions have to be asked for so that every action has been: of those that the same rules cover, one.

import { ACTIONS, covers, currentAction } from '../../../protocol/odrl/actions.ts'
import type { CompiledPolicy } from '../compiled.ts'

const CANONICAL: readonly string[] = ACTIONS.filter((name) => currentAction(name) === name)
/** What people ask for first. */
const USUAL: readonly string[] = ['use', 'read', 'distribute']

/** Those that some permission covers; what none covers is denied anyway. */
export function actionsToAsk(policies: readonly CompiledPolicy[]): readonly string[] {
  const permitted = new Set(policies.flatMap(({ permissions }) => permissions.map(({ action }) => action)))
  const prohibited = policies.flatMap(({ prohibitions }) => prohibitions.map(({ action }) => action))
  const ruled = [...new Set([...permitted, ...prohibited])]
  // A rule's own name stands for what it covers sooner than one of its parts does.
  const names = new Set([
    ...USUAL.filter((name) => ruled.includes(name)),
    ...ruled.filter((name) => name !== '*'),
    ...CANONICAL,
  ])
  const byCover = new Map<string, string>()
  for (const name of names) {
    const cover = ruled.map((action) => (covers(action, name) ? '1' : '0')).join('')
    const isPermitted = ruled.some((action) => permitted.has(action) && covers(action, name))
    if (isPermitted && !byCover.has(cover)) byCover.set(cover, name)
  }
  return [...byCover.values()]
}
