// Virtual time: what is to happen stands in a heap, and the next thing happens when all that followed from the last is over.

export interface Timeline {
  /** Milliseconds since 1970, as the world sees it. */
  now(): number
  /** Runs something `ms` from now, after what was planned for that moment before. Gives the way to call it off. */
  after(ms: number, run: () => void): () => void
  wait(ms: number): Promise<void>
  /** Lets things happen until none is left, or until `isOver` says so; gives whether it was over before that. */
  run(isOver: () => boolean): Promise<boolean>
  /** How many things have happened. */
  readonly steps: number
}

interface Event {
  readonly atMs: number
  readonly order: number
  run: (() => void) | null
}

export function createTimeline(startMs: number): Timeline {
  const heap: Event[] = []
  let nowMs = startMs
  let order = 0
  let steps = 0

  function after(ms: number, run: () => void): () => void {
    const event: Event = { atMs: nowMs + Math.max(0, ms), order: ++order, run }
    push(heap, event)
    return () => {
      event.run = null
    }
  }

  return {
    now: () => nowMs,
    after,
    wait: (ms) =>
      new Promise((done) => {
        after(ms, done)
      }),
    run: async (isOver) => {
      while (!isOver()) {
        const event = pop(heap)
        if (event === null) return false
        if (event.run === null) continue
        steps += 1
        const { run } = event
        event.run = null
        nowMs = Math.max(nowMs, event.atMs)
        run()
        await microtasks()
      }
      return true
    },
    get steps() {
      return steps
    },
  }
}

/** Resolves when no microtask is left: Node runs its immediates only then. */
function microtasks(): Promise<void> {
  return new Promise((done) => {
    setImmediate(done)
  })
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}

function push(heap: Event[], event: Event): void {
  let at = heap.length
  heap.push(event)
  while (at > 0) {
    const parent = (at - 1) >> 1
    const above = heap[parent]
    if (above === undefined || isBefore(above, event)) break
    heap[at] = above
    at = parent
  }
  heap[at] = event
}

function pop(heap: Event[]): Event | null {
  const [first] = heap
  const last = heap.pop()
  if (first === undefined || last === undefined) return null
  if (heap.length === 0) return first
  let at = 0
  for (;;) {
    const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]]
    const child = right !== undefined && left !== undefined && isBefore(right, left) ? right : left
    if (child === undefined || isBefore(last, child)) break
    heap[at] = child
    at = child === left ? 2 * at + 1 : 2 * at + 2
  }
  heap[at] = last
  return first
}
