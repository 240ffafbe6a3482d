// What a connector is opened with: its settings, and what reads time and chance.

import type { Config, Secrets } from '../config/config.ts'
import type { Derived } from '../config/derive.ts'
import type { Log } from '../kernel/log.ts'
import type { Clock } from '../kernel/time.ts'

/** Time and chance, read in `main` and nowhere else. */
export interface Runtime {
  readonly clock: Clock
  readonly newUuid: () => string
  readonly randomBytes: (bytes: number) => Uint8Array
  /** A number in [0, 1). */
  readonly random: () => number
  readonly log: Log
  readonly version: string
}

export interface Settings {
  readonly config: Config
  readonly derived: Derived
  readonly secrets: Secrets
}
