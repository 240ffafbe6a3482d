// A process that waited too long: it is ended, with a reason that says who did not move. Pure.

import { problem } from '../../kernel/problem.ts'
import { later } from '../../kernel/time.ts'
import { isTerminal } from './machine.ts'
import type { Scene } from './scene.ts'
import { endProcess, NEGOTIATIONS, proposeMove, TRANSFERS, type Exchange, type Process, type Step } from './steps.ts'
import { isNegotiation, turnIn } from './waiting.ts'

/**
 * What becomes of an idle process. Null where it has moved, ended or is not due; else its end: the counter-party is told
 * with the reason, or, where no termination can be sent, it ends here.
 *
 * @param patienceMs how long a process may wait for one side's next move
 */
export function expire(process: Process, patienceMs: number, scene: Scene): Step<Process> | null {
  return isNegotiation(process)
    ? expireIn(NEGOTIATIONS, process, patienceMs, scene)
    : expireIn(TRANSFERS, process, patienceMs, scene)
}

function expireIn<P extends Process>(
  exchange: Exchange<P>,
  process: P,
  patienceMs: number,
  scene: Scene,
): Step<P> | null {
  const isIdle = process.unacknowledged === null && !isTerminal(exchange.machine, process.state)
  const isRunning = process.state === 'STARTED' || process.state === 'SUSPENDED'
  if (!isIdle || isRunning || later(process.updatedAt, patienceMs) > scene.now) return null

  const reason = turnIn(process) === 'theirs' ? 'no answer in time' : 'nobody decided in time'
  const ended = proposeMove(exchange, process, exchange.machine.termination, scene, { reason })
  return ended.ok ? ended.value : endProcess(exchange, process, problem('process.ended', reason), scene)
}
