// What every part is given.

import type { Sizes } from './sizes.ts'

export interface Bench {
  readonly sizes: Sizes
  /** Whether this part was asked for by its name, and may take its time. */
  readonly alone: boolean
  /** Progress, for people. */
  readonly say: (text: string) => void
  /** Where the connectors of the negotiations leave a CPU profile, where one is wanted. */
  readonly profileTo?: string | undefined
}
