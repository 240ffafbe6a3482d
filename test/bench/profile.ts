// `node test/bench/profile.ts FILE… [--top N]`: where the time of the CPU profiles went, as tables.

import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { selfTimeOf, type CpuProfile, type Share } from './self-time.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { top: { type: 'string', default: '40' } },
})
const top = Number(values.top)
const { busyMs, idleMs, ...lists } = selfTimeOf(
  positionals.map((file) => JSON.parse(readFileSync(file, 'utf8')) as CpuProfile),
)
console.log(`busy ${busyMs.toFixed(0)} ms, idle ${idleMs.toFixed(0)} ms; percent of the busy time: self, with callees`)
print('package', lists.packages)
print('file', lists.files)
print('function', lists.functions)

function print(title: string, shares: readonly Share[]): void {
  console.log(`\nby ${title}`)
  for (const { selfPercent, totalPercent, name } of shares.slice(0, top)) {
    console.log(`${selfPercent.toFixed(1).padStart(6)} ${totalPercent.toFixed(1).padStart(6)}  ${name}`)
  }
}
