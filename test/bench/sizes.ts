// How much is measured: everything in less than five minutes on two slow cores, or hardly anything, to see that it runs.

export interface Sizes {
  /** Repetitions of A B A B; the medians of the rounds are what is told. */
  readonly rounds: number
  readonly negotiation: { readonly warmUp: number; readonly single: number; readonly together: number }
  readonly transfer: { readonly warmUp: number; readonly samples: number }
  readonly firstByte: { readonly warmUp: number; readonly samples: number; readonly fileBytes: number }
  readonly throughput: {
    readonly rounds: number
    /** Where this part alone is asked for. */
    readonly alone: number
    readonly fileMib: number
  }
  readonly catalog: {
    readonly datasets: number
    readonly offers: number
    readonly pages: number
    readonly askers: number
  }
  readonly policy: { readonly roundMs: number }
  readonly start: { readonly first: number; readonly warm: number; readonly settleMs: number; readonly idleMs: number }
  readonly scale: {
    readonly agreements: readonly number[]
    /** Where this part alone is asked for: a million takes a minute and ten gigabytes to store. */
    readonly alone: readonly number[]
    readonly each: number
  }
}

export const FULL: Sizes = {
  rounds: 5,
  negotiation: { warmUp: 500, single: 100, together: 400 },
  transfer: { warmUp: 50, samples: 300 },
  firstByte: { warmUp: 50, samples: 500, fileBytes: 64 * 1024 },
  throughput: { rounds: 3, alone: 7, fileMib: 1024 },
  catalog: { datasets: 100_000, offers: 3_000, pages: 1_000, askers: 8 },
  policy: { roundMs: 500 },
  start: { first: 3, warm: 7, settleMs: 3_000, idleMs: 10_000 },
  scale: { agreements: [100, 10_000, 100_000], alone: [100, 10_000, 1_000_000], each: 40 },
}

export const QUICK: Sizes = {
  rounds: 2,
  negotiation: { warmUp: 4, single: 4, together: 16 },
  transfer: { warmUp: 2, samples: 5 },
  firstByte: { warmUp: 2, samples: 5, fileBytes: 1024 },
  throughput: { rounds: 2, alone: 2, fileMib: 4 },
  catalog: { datasets: 200, offers: 6, pages: 3, askers: 2 },
  policy: { roundMs: 10 },
  start: { first: 1, warm: 1, settleMs: 0, idleMs: 50 },
  scale: { agreements: [10, 100], alone: [10, 100], each: 2 },
}
