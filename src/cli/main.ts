#!/usr/bin/env node
// The process entry of the command line: reads environment, time, chance and signals, and hands them to one command.

import { randomBytes } from 'node:crypto'
import { instant } from '../kernel/time.ts'
import { run } from './run.ts'

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => stop.abort(new Error(`stopped by ${signal}`)))
}

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  stdout: process.stdout,
  progress: (line) => process.stderr.write(`${line}\n`),
  clock: () => instant(Date.now()),
  randomBytes: (bytes) => randomBytes(bytes),
  nowMs: () => performance.now(),
  stopped: stop.signal,
})
