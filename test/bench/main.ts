// `npm run bench [-- --only PART,PART] [--json] [--quick] [--profile FOLDER]`: how fast the connector is, against floors and
// targets. Everything together takes less than five minutes; `--only scale` alone goes to a million agreements. The table, or
// with --json one object, goes to stdout, progress to stderr.

import { parseArgs } from 'node:util'
import type { Bench } from './bench.ts'
import { measureCatalog } from './parts/catalog.ts'
import { measureFirstByte } from './parts/first-byte.ts'
import { measureNegotiation } from './parts/negotiation.ts'
import { measurePolicy } from './parts/policy.ts'
import { measureScale } from './parts/scale.ts'
import { measureStart } from './parts/start.ts'
import { measureThroughput } from './parts/throughput.ts'
import { measureTransfers } from './parts/transfer.ts'
import { tableOf, verdictsOn, type Figures } from './report.ts'
import { machine } from './resources.ts'
import { FULL, QUICK } from './sizes.ts'

// Idling is measured first, while the machine has nothing to write back to its disk.
// prettier-ignore
const PARTS: { readonly [P in keyof Figures]-?: (bench: Bench) => Promise<NonNullable<Figures[P]>> } = {
  start:       measureStart,
  negotiation: measureNegotiation,
  transfer:    measureTransfers,
  firstByte:   measureFirstByte,
  throughput:  measureThroughput,
  catalog:     measureCatalog,
  policy:      measurePolicy,
  scale:       measureScale,
}
const NAMES = Object.keys(PARTS) as readonly (keyof Figures)[]

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      profile: { type: 'string' },
    },
  })
  const wanted = values.only?.split(',') ?? NAMES
  const unknown = wanted.filter((name) => !NAMES.some((known) => known === name))
  if (unknown.length > 0) {
    console.error(`no such part: ${unknown.join(', ')}; there are ${NAMES.join(', ')}`)
    return 2
  }

  const on = machine()
  const begun = performance.now()
  let figures: Figures = {}
  for (const name of NAMES.filter((each) => wanted.includes(each))) {
    const say = (text: string): void => console.error(`${name}: ${text}`)
    const bench: Bench = {
      sizes: values.quick ? QUICK : FULL,
      alone: values.only !== undefined,
      say,
      profileTo: values.profile,
    }
    figures = { ...figures, [name]: await PARTS[name](bench) }
  }
  const seconds = Math.round((performance.now() - begun) / 1000)
  const verdicts = verdictsOn(figures)
  if (values.json) {
    console.log(JSON.stringify({ machine: on, ...figures, verdicts, seconds }))
  } else {
    console.log(
      Object.entries(on)
        .map(([name, value]) => `${name} ${String(value)}`)
        .join(' · '),
    )
    console.log(`\n${tableOf(verdicts)}\n\n${String(seconds)} s`)
  }
  return 0
}

process.exit(await main())
