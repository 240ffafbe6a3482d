// Where a CPU profile spent its time: by package, by file and by function, idle time left out. Pure.

/** The part of V8's profile format that is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
    readonly children?: readonly number[]
  }[]
  readonly samples: readonly number[]
  /** Microseconds from one sample to the next. */
  readonly timeDeltas: readonly number[]
}

export interface Share {
  readonly name: string
  /** Time in it itself, and with all that it called, in percent of the time in which the process did something. */
  readonly selfPercent: number
  readonly totalPercent: number
}

export interface SelfTime {
  readonly busyMs: number
  readonly idleMs: number
  readonly packages: readonly Share[]
  readonly files: readonly Share[]
  readonly functions: readonly Share[]
}

interface Frame {
  readonly parent: Frame | null
  readonly package: string
  readonly file: string
  readonly function: string
  readonly isIdle: boolean
}

/** The time of several profiles together, each list by self time, the most first. */
export function selfTimeOf(profiles: readonly CpuProfile[]): SelfTime {
  const packages = new Tally()
  const files = new Tally()
  const functions = new Tally()
  let busyUs = 0
  let idleUs = 0
  for (const profile of profiles) {
    const frames = framesOf(profile)
    const [, ...durations] = profile.timeDeltas
    for (const [index, sample] of profile.samples.entries()) {
      const us = durations[index] ?? 0
      const frame = frames.get(sample)
      if (frame === undefined) continue
      if (frame.isIdle) {
        idleUs += us
        continue
      }
      busyUs += us
      packages.add(stack(frame, 'package'), us)
      files.add(stack(frame, 'file'), us)
      functions.add(stack(frame, 'function'), us)
    }
  }
  const shares = (tally: Tally): readonly Share[] => tally.shares(busyUs)
  return {
    busyMs: busyUs / 1000,
    idleMs: idleUs / 1000,
    packages: shares(packages),
    files: shares(files),
    functions: shares(functions),
  }
}

/** Sums by name; a name that stands twice in one stack counts once for its total. */
class Tally {
  readonly #times = new Map<string, { self: number; total: number }>()

  add([top, ...callers]: readonly string[], us: number): void {
    if (top === undefined) return
    this.#of(top).self += us
    for (const name of new Set([top, ...callers])) this.#of(name).total += us
  }

  shares(allUs: number): readonly Share[] {
    const percent = (us: number): number => (allUs === 0 ? 0 : (100 * us) / allUs)
    return [...this.#times]
      .map(([name, { self, total }]) => ({ name, selfPercent: percent(self), totalPercent: percent(total) }))
      .sort((a, b) => b.selfPercent - a.selfPercent || b.totalPercent - a.totalPercent)
  }

  #of(name: string): { self: number; total: number } {
    const known = this.#times.get(name) ?? { self: 0, total: 0 }
    this.#times.set(name, known)
    return known
  }
}

function framesOf({ nodes }: CpuProfile): ReadonlyMap<number, Frame> {
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)))
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const frames = new Map<number, Frame>()

  function frameOf(id: number): Frame | null {
    const known = frames.get(id)
    const node = byId.get(id)
    if (known !== undefined || node === undefined) return known ?? null
    const parentId = parents.get(id)
    const parent = parentId === undefined ? null : frameOf(parentId)
    const frame = describe(node.callFrame, parent)
    frames.set(id, frame)
    return frame
  }
  for (const { id } of nodes) frameOf(id)
  return frames
}

/** Native functions have no file: they count to who called them, by their own name. */
function describe(
  { functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame'],
  parent: Frame | null,
): Frame {
  const name = functionName === '' ? '(anonymous)' : functionName
  const isIdle = name === '(idle)'
  if (url === '') {
    const isOfV8 = name.startsWith('(')
    const home = isOfV8 || parent === null ? name : parent.file
    const of = isOfV8 || parent === null ? name : parent.package
    return {
      parent,
      package: of,
      file: home,
      function: isOfV8 ? name : `native ${name} < ${parent?.function ?? ''}`,
      isIdle,
    }
  }
  const file = shortened(url)
  return { parent, package: packageOf(file), file, function: `${name}  ${file}:${String(lineNumber + 1)}`, isIdle }
}

function shortened(url: string): string {
  return url
    .replace(/^.*\/node_modules\//, '')
    .replace(/^.*\/(src|test)\//, '$1/')
    .replace(/^file:\/\//, '')
}

/** `node` for Node's own modules, `src/<layer>` for ours, the name of the package for others. */
function packageOf(file: string): string {
  if (file.startsWith('node:')) return file.startsWith('node:internal/') ? 'node internals' : 'node'
  const [first = '', second = ''] = file.split('/')
  return first === 'src' || first === 'test' || first.startsWith('@') ? `${first}/${second}` : first
}

function stack(frame: Frame, what: 'package' | 'file' | 'function'): readonly string[] {
  const names: string[] = []
  for (let at: Frame | null = frame; at !== null; at = at.parent) names.push(at[what])
  return names
}
