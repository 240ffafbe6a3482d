// `lingqu start`: the connector as a process of its own, in the foreground.

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { EXIT, type Command } from './outcome.ts'

export const CONNECTOR = fileURLToPath(new URL('../main.ts', import.meta.url))

/** Resolves when the connector has stopped. */
export const start: Command = (_invocation, { env, stopped }) => {
  return new Promise((resolve, reject) => {
    // Of its own process group: a Ctrl-C in the terminal reaches it once, through us, and it has the time to finish.
    const child = spawn(process.execPath, [CONNECTOR], { env: { ...env }, stdio: 'inherit', detached: true })
    const stop = (): void => {
      child.kill('SIGTERM')
    }
    stopped.addEventListener('abort', stop, { once: true })
    child.once('error', reject)
    child.once('exit', (code) =>
      resolve({ exit: code === 0 ? EXIT.good : EXIT.bad, json: { exitCode: code }, text: '' }),
    )
  })
}
