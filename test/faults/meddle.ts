// Getting at one message on its way between the two, while all others pass.

import type { Pair } from '../fixtures/pair.ts'
import { passOn, type Handler, type Passing, type Proxy } from '../fixtures/proxy.ts'
import type { Move, Story } from './stories.ts'

/** The proxy that a move of a story passes through. */
function wayOf({ consumer, provider }: Pair, { by }: Move): Proxy {
  return by === 'consumer' ? provider.proxy : consumer.proxy
}

/** Does `mishap` to the next message of that kind; all others pass. Resolves with the consumer's pid when it came by. */
export function meddle(pair: Pair, target: Move, mishap: (passing: Passing) => Promise<void>): Promise<string> {
  const proxy = wayOf(pair, target)
  return new Promise((resolve, reject) => {
    const handler: Handler = async (passing) => {
      if (passing.move !== target.move) {
        await passOn(passing)
        return
      }
      proxy.use(null)
      await mishap(passing).then(
        () => {
          resolve((JSON.parse(passing.body.toString('utf8')) as { consumerPid: string }).consumerPid)
        },
        (error: unknown) => {
          reject(error instanceof Error ? error : new Error(String(error)))
        },
      )
    }
    proxy.use(handler)
  })
}

export function moveOf({ moves }: Story, aim: number): Move {
  const move = moves[aim]
  if (move === undefined) throw new Error('a case aims at a move of its story')
  return move
}
