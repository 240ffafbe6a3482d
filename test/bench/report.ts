// What a run has found: the figures, the targets that they are held against, and both as a table. Pure.

import type { CatalogFigures } from './parts/catalog.ts'
import type { FirstByteFigures } from './parts/first-byte.ts'
import type { NegotiationFigures } from './parts/negotiation.ts'
import type { PolicyFigures } from './parts/policy.ts'
import type { ScaleFigures } from './parts/scale.ts'
import type { StartFigures } from './parts/start.ts'
import type { ThroughputFigures } from './parts/throughput.ts'
import type { TransferFigures } from './parts/transfer.ts'

/** A part that was not asked for is missing. */
export interface Figures {
  readonly negotiation?: NegotiationFigures
  readonly transfer?: TransferFigures
  readonly firstByte?: FirstByteFigures
  readonly throughput?: ThroughputFigures
  readonly catalog?: CatalogFigures
  readonly policy?: PolicyFigures
  readonly start?: StartFigures
  readonly scale?: ScaleFigures
}

type Maybe = number | null | undefined

interface Row {
  readonly figure: string
  readonly unit: string
  readonly value: (figures: Figures) => Maybe
  readonly floor?: (figures: Figures) => Maybe
  readonly ratio?: (figures: Figures) => Maybe
  readonly atMost?: number
  readonly atLeast?: number
}

export interface Verdict {
  readonly figure: string
  readonly unit: string
  readonly value: number
  readonly floor: number | null
  readonly ratio: number | null
  /** As in `≤ 15`; null where nothing is asked. */
  readonly target: string | null
  readonly met: boolean | null
}

// prettier-ignore
const ROWS: readonly Row[] = [
  { figure: 'negotiation, 1 in flight, p50',         unit: 'ms',    value: (f) => f.negotiation?.p50Ms,         floor: (f) => f.negotiation?.floorP50Ms, atMost: 15 },
  { figure: 'negotiation, 1 in flight, p99',         unit: 'ms',    value: (f) => f.negotiation?.p99Ms,         atMost: 50 },
  { figure: 'negotiations, 16 in flight',            unit: '/s',    value: (f) => f.negotiation?.perSecond,     floor: (f) => f.negotiation?.floorPerSecond, ratio: (f) => f.negotiation?.ratio, atLeast: 100 },
  { figure: 'negotiation, 16 in flight, p50',        unit: 'ms',    value: (f) => f.negotiation?.at16.p50Ms },
  { figure: 'negotiation, 16 in flight, p99',        unit: 'ms',    value: (f) => f.negotiation?.at16.p99Ms },
  { figure: 'negotiation, CPU of the provider',      unit: 'ms',    value: (f) => f.negotiation?.cpuMs.provider },
  { figure: 'negotiation, CPU of the consumer',      unit: 'ms',    value: (f) => f.negotiation?.cpuMs.consumer },
  { figure: 'transfer request to address, p50',      unit: 'ms',    value: (f) => f.transfer?.p50Ms,            atMost: 8 },
  { figure: 'transfer request to address, p99',      unit: 'ms',    value: (f) => f.transfer?.p99Ms },
  { figure: 'first byte over direct, p50',           unit: 'ms',    value: ({ firstByte: f }) => f && f.p50Ms - f.directP50Ms, floor: (f) => f.firstByte?.directP50Ms, atMost: 3 },
  { figure: 'pull of a file',                        unit: 'MiB/s', value: (f) => f.throughput?.mibPerSecond,   floor: (f) => f.throughput?.hashingProxyMibPerSecond, ratio: (f) => f.throughput?.ratio },
  { figure: 'pull of a file by a bare proxy',        unit: '×',     value: (f) => f.throughput?.bareProxyRatio, atLeast: 0.9 },
  { figure: 'pull of a file by direct',              unit: '×',     value: (f) => f.throughput?.directRatio,    atLeast: 0.6 },
  { figure: 'pull of an HTTP source',                unit: 'MiB/s', value: (f) => f.throughput?.http.mibPerSecond, floor: (f) => f.throughput?.hashingProxyMibPerSecond, ratio: (f) => f.throughput?.http.ratio },
  { figure: 'pull of an HTTP source by a bare proxy', unit: '×',    value: (f) => f.throughput?.http.bareProxyRatio, atLeast: 0.9 },
  { figure: 'pull of an HTTP source by direct',      unit: '×',     value: (f) => f.throughput?.http.directRatio },
  { figure: 'memory grown by pulls of a file',       unit: 'MiB',   value: (f) => f.throughput?.rssGrowthMib,   atMost: 64 },
  { figure: 'memory grown by pulls of an HTTP source', unit: 'MiB', value: (f) => f.throughput?.http.rssGrowthMib, atMost: 64 },
  { figure: 'catalogue page, p50',                   unit: 'ms',    value: (f) => f.catalog?.pageP50Ms,         floor: (f) => f.catalog?.floorP50Ms },
  { figure: 'catalogue page, p99',                   unit: 'ms',    value: (f) => f.catalog?.pageP99Ms,         floor: (f) => f.catalog?.floorP99Ms, atMost: 20 },
  { figure: 'catalogue, first page of a participant', unit: 'ms',   value: (f) => f.catalog?.firstPageMs,       atMost: 200 },
  { figure: 'catalogue, worst first page',           unit: 'ms',    value: (f) => f.catalog?.firstPageMaxMs },
  { figure: 'policy decisions, one core',            unit: '/s',    value: (f) => f.policy?.perSecond,          atLeast: 200_000 },
  { figure: 'start, warm',                           unit: 'ms',    value: (f) => f.start?.warmMs,              atMost: 500 },
  { figure: 'start, the first',                      unit: 'ms',    value: (f) => f.start?.firstMs },
  { figure: 'idle memory',                           unit: 'MiB',   value: (f) => f.start?.idleRssMib,          atMost: 140 },
  { figure: 'idle CPU',                              unit: '%',     value: (f) => f.start?.idleCpuPercent,      atMost: 1 },
  { figure: 'negotiation, most by fewest agreements', unit: '×',    value: (f) => f.scale?.negotiationRatio,    atMost: 1.25 },
  { figure: 'transfer, most by fewest agreements',   unit: '×',     value: (f) => f.scale?.transferRatio,       atMost: 1.25 },
  { figure: 'catalogue, most by fewest agreements',  unit: '×',     value: (f) => f.scale?.catalogRatio,        atMost: 1.25 },
]

/** One line for each figure that was measured. */
export function verdictsOn(figures: Figures): readonly Verdict[] {
  return ROWS.flatMap(({ figure, unit, value, floor, ratio, atMost, atLeast }) => {
    const found = value(figures) ?? null
    if (found === null) return []
    const target = atMost !== undefined ? `≤ ${String(atMost)}` : atLeast !== undefined ? `≥ ${String(atLeast)}` : null
    const met = target === null ? null : found <= (atMost ?? Infinity) && found >= (atLeast ?? -Infinity)
    return [
      { figure, unit, value: found, floor: floor?.(figures) ?? null, ratio: ratio?.(figures) ?? null, target, met },
    ]
  })
}

/** The verdicts for people: figure, value, floor, ratio, target, met. */
export function tableOf(verdicts: readonly Verdict[]): string {
  const lines = [
    ['figure', 'value', 'unit', 'floor', 'ratio', 'target', 'met'],
    ...verdicts.map(({ figure, value, unit, floor, ratio, target, met }) => [
      figure,
      shown(value),
      unit,
      shown(floor),
      shown(ratio),
      target ?? '',
      met === null ? '' : met ? 'yes' : 'NO',
    ]),
  ]
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  const isNumber = (column: number): boolean => [1, 3, 4].includes(column)
  return lines
    .map((line) =>
      line
        .map((cell, column) =>
          isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function shown(value: number | null): string {
  return value === null ? '' : String(Number(value.toPrecision(3)))
}
