// Sums JSON reports of vitest into the one line that continuous integration reads: `N passed, N failed`.

import { readFileSync } from 'node:fs'
import { summary } from './summary.ts'

const reports = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')) as unknown)
const { passed, failed } = summary(reports)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1
