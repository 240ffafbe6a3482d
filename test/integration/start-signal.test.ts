// The process entry and the signals that stop it. As the first process of a container it has to take them from the beginning.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { start } from '../../src/main.ts'
import { freePorts } from '../fixtures/ports.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'start-signal-'))
  mkdirSync(join(folder, 'policies'))
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s that comes while the connector starts stops it, with exit code 0',
  async (signal) => {
    const [port = 0, managementPort = 0] = await freePorts(2)
    const config = join(folder, 'connector.yaml')
    const settings = {
      public: { url: `http://localhost:${String(port)}`, port },
      management: { port: managementPort },
      dataDir: join(folder, 'data'),
      policiesDir: join(folder, 'policies'),
      log: { level: 'error' },
    }
    writeFileSync(config, JSON.stringify(settings))

    const exit = start({ LINGQU_CONFIG: config })
    process.emit(signal, signal)

    expect(await exit).toBe(0)
    await expect(opens(port)).resolves.toBe(false)
  },
)

function opens(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      answer(true)
    })
    socket.once('error', () => {
      answer(false)
    })
  })
}
