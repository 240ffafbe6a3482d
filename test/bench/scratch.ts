// What a run leaves behind: one temporary folder and the processes that it started, both gone on every exit path.

import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const STOP_TIMEOUT_MS = 10_000

const root = realpathSync(mkdtempSync(join(tmpdir(), 'lingqu-bench-')))
const children = new Set<ChildProcess>()

process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(root, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))

/** An empty folder of its own. */
export function newFolder(name: string): string {
  const folder = join(root, name)
  mkdirSync(folder, { recursive: true })
  return folder
}

/** Large ones go as soon as they have served. */
export function dropFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}

/** A Node process that does not outlive this one; its stderr goes to the file descriptor `log`. */
export function spawnNode(args: readonly string[], env: NodeJS.ProcessEnv, log: number): ChildProcess {
  return keep(spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', log] }))
}

export interface Program<Ready> {
  /** What it said when it was ready. */
  readonly ready: Ready
  readonly processId: number
  readonly tell: (message: object) => void
  readonly stop: () => Promise<void>
}

/** Starts a program of this folder and waits for its one message. It ends by itself when this process is gone. */
export async function startProgram<Ready>(path: string, ...args: readonly string[]): Promise<Program<Ready>> {
  const child = keep(
    fork(fileURLToPath(new URL(path, import.meta.url)), args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
  )
  const died = once(child, 'exit').then(() => {
    throw new Error(`${path} ended before it was ready`)
  })
  const [ready] = (await Promise.race([once(child, 'message'), died])) as [Ready]
  died.catch(() => undefined)
  return {
    ready,
    processId: child.pid ?? 0,
    tell: (message) => child.send(message),
    stop: () => stopChild(child),
  }
}

/** Asks it to end, and makes it end when it does not. */
export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  await ended
  clearTimeout(timer)
}

function keep(child: ChildProcess): ChildProcess {
  children.add(child)
  child.once('exit', () => children.delete(child))
  return child
}
