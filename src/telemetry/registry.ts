// Counters, gauges and histograms, and the text in which Prometheus reads them (exposition format 0.0.4). What a label may say
// is listed beforehand: no text from outside ever becomes a label, and no metric grows.

export interface Registry {
  /** A sum that only grows. The function adds; a value that is not listed counts as `other`. */
  readonly counter: <Name extends string>(metric: Metric<Name>) => (labels: Labels<Name>, add?: number) => void
  /** How values are spread. The function takes one value, in seconds. */
  readonly histogram: <Name extends string>(
    metric: Metric<Name> & { readonly buckets: readonly number[] },
  ) => (labels: Labels<Name>, value: number) => void
  /** Asked when somebody reads. Null leaves it out. */
  readonly gauge: (
    metric: Pick<Metric<never>, 'name' | 'help'>,
    read: () => number | null | readonly Sample[],
    type?: 'gauge' | 'counter',
  ) => void
  /** Everything, in the order in which it was made. */
  readonly expose: () => string
}

export interface Metric<Name extends string> {
  readonly name: string
  readonly help: string
  /** Each label with all that it may say. */
  readonly labels: { readonly [N in Name]: readonly string[] }
}

export type Labels<Name extends string> = { readonly [N in Name]: string }

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** Where a value goes that is not listed. */
const OTHER = 'other'

export function createRegistry(): Registry {
  const metrics: (() => string)[] = []

  return {
    counter: ({ name, help, labels }) => {
      const sums = new Map<string, number>()
      const labelled = createLabelled(labels)
      metrics.push(() =>
        block(
          name,
          help,
          'counter',
          [...sums].map(([text, sum]) => `${name}${text} ${number(sum)}`),
        ),
      )
      return (values, add = 1) => {
        const text = labelled(values)
        sums.set(text, (sums.get(text) ?? 0) + add)
      }
    },

    histogram: ({ name, help, labels, buckets }) => {
      const series = new Map<string, { readonly counts: number[]; sum: number; count: number }>()
      const labelled = createLabelled(labels)
      metrics.push(() => {
        const lines = [...series].flatMap(([text, { counts, sum, count }]) => [
          ...buckets.map(
            (bound, index) => `${name}_bucket${withBound(text, number(bound))} ${number(counts[index] ?? 0)}`,
          ),
          `${name}_bucket${withBound(text, '+Inf')} ${number(count)}`,
          `${name}_sum${text} ${number(sum)}`,
          `${name}_count${text} ${number(count)}`,
        ])
        return block(name, help, 'histogram', lines)
      })
      return (values, value) => {
        const text = labelled(values)
        const one = series.get(text) ?? { counts: buckets.map(() => 0), sum: 0, count: 0 }
        // Buckets are cumulative: a value lies in every one whose bound it does not exceed.
        for (const [index, bound] of buckets.entries())
          if (value <= bound) one.counts[index] = (one.counts[index] ?? 0) + 1
        one.sum += value
        one.count += 1
        series.set(text, one)
      }
    },

    gauge: ({ name, help }, read, type = 'gauge') => {
      metrics.push(() => {
        const found = read()
        const samples = found === null ? [] : typeof found === 'number' ? [{ labels: {}, value: found }] : found
        return block(
          name,
          help,
          type,
          samples.map(({ labels, value }) => `${name}${textOf(Object.entries(labels))} ${number(value)}`),
        )
      })
    },

    expose: () => metrics.map((metric) => metric()).join(''),
  }
}

/** The text of a set of labels; made once for each set that occurs. */
function createLabelled<Name extends string>(labels: Metric<Name>['labels']): (values: Labels<Name>) => string {
  const names = Object.keys(labels) as Name[]
  const known = new Map<string, string>()
  return (values) => {
    const listed = names.map((name) => (labels[name].includes(values[name]) ? values[name] : OTHER))
    const key = listed.join('\n')
    let text = known.get(key)
    if (text === undefined) {
      text = textOf(names.map((name, index) => [name, listed[index] ?? OTHER] as const))
      known.set(key, text)
    }
    return text
  }
}

function textOf(labels: readonly (readonly [string, string])[]): string {
  if (labels.length === 0) return ''
  return `{${labels.map(([name, value]) => `${name}="${escaped(value).replaceAll('"', '\\"')}"`).join(',')}}`
}

function withBound(text: string, bound: string): string {
  const le = `le="${bound}"`
  return text === '' ? `{${le}}` : `${text.slice(0, -1)},${le}}`
}

function block(name: string, help: string, type: string, lines: readonly string[]): string {
  if (lines.length === 0) return ''
  return [`# HELP ${name} ${escaped(help)}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n')
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function number(value: number): string {
  if (Number.isFinite(value)) return String(value)
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
}
