// `npm run conformance:dsp [-- PREFIX…]`: the official DSP kit against this connector. Needs Java 17 and Maven.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { freePort, INBOUND_TOKEN, startConnector, type RunningConnector } from './connector.ts'
import { KIT_PARTICIPANT, openCounterparty } from './counterparty.ts'
import { serveHooks } from './hooks.ts'
import { playScript } from './operator.ts'
import { kitProperties } from './properties.ts'
import { CATALOG_DATASETS, CONSUMER_TRANSFERS, offerIdOf, PROVIDER_NEGOTIATIONS, PROVIDER_TRANSFERS } from './script.ts'

const HOST = 'localhost'
const EXPECTED = 65
const KIT = fileURLToPath(new URL('../kit/run', import.meta.url))
/** The dataset that all agreements of the transfer scenarios are on. */
const TRANSFER_DATASET = 'ATP0101'

async function main(prefixes: readonly string[]): Promise<number> {
  for (const tool of ['java', 'mvn']) {
    if (spawnSync(tool, ['-version'], { stdio: 'ignore' }).status !== 0) {
      console.error(`the official kit needs ${tool}, which is not on this machine`)
      return 3
    }
  }
  const dir = mkdtempSync(join(tmpdir(), 'lingqu-kit-'))
  const datasets = [...CATALOG_DATASETS, ...Object.keys(PROVIDER_NEGOTIATIONS), TRANSFER_DATASET]
  const connector = await startConnector(
    dir,
    datasets.map((datasetId) => ({ datasetId, offerId: offerIdOf(datasetId) })),
  )
  const stopScript = new AbortController()
  let closeHooks = (): Promise<void> => Promise.resolve()
  try {
    await connector.management.call(
      'POST',
      '/datasets',
      datasets.map((id) => ({ '@id': id, title: id })),
    )
    const kitPort = await freePort()
    const agreements = await seedAgreements(connector, kitPort)
    const byId = new Map([...agreements].map(([key, id]) => [id, key]))

    const hooksPort = await freePort()
    closeHooks = await serveHooks(HOST, hooksPort, connector.management)
    const script = playScript(connector.management, (id) => byId.get(id), stopScript.signal)

    const file = join(dir, 'kit.properties')
    const hooks = `http://${HOST}:${String(hooksPort)}`
    const { did, rootUrl, dspBase } = connector
    writeFileSync(
      file,
      kitProperties({ did, rootUrl, dspBase, hooks, kitPort, authorization: INBOUND_TOKEN, offerIdOf, agreements }),
    )
    const passed = await runKit(file, prefixes)
    stopScript.abort()
    await script
    if (passed) rmSync(dir, { recursive: true, force: true })
    else console.error(`the connector's log and the kit's settings are in ${dir}`)
    return passed ? 0 : 1
  } finally {
    stopScript.abort()
    await closeHooks()
    await connector.stop()
  }
}

/** Every agreement is negotiated over DSP, with this driver as the other side: nothing is put into the database. */
async function seedAgreements(
  { management, did, dspBase }: RunningConnector,
  kitPort: number,
): Promise<Map<string, string>> {
  const counterparty = await openCounterparty(HOST, kitPort, dspBase, INBOUND_TOKEN)
  const act = async (path: string): Promise<void> => {
    for (let tries = 1; ; tries += 1) {
      try {
        await management.call('POST', path)
        return
      } catch (error) {
        if (tries === 50) throw error
        await new Promise((done) => setTimeout(done, 20))
      }
    }
  }
  const agreements = new Map<string, string>()
  for (const key of Object.keys(PROVIDER_TRANSFERS)) {
    const id = await counterparty.consume(
      TRANSFER_DATASET,
      offerIdOf(TRANSFER_DATASET),
      (pid) => act(`/negotiations/${pid}/agree`),
      (pid) => act(`/negotiations/${pid}/finalize`),
    )
    agreements.set(key, id)
  }
  for (const key of Object.keys(CONSUMER_TRANSFERS)) {
    const request = async (): Promise<string> => {
      const { id } = await management.call<{ id: string }>('POST', '/negotiations', {
        counterPartyId: KIT_PARTICIPANT,
        counterPartyAddress: `http://${HOST}:${String(kitPort)}`,
        offer: { '@id': `offer${key}`, '@type': 'Offer', target: key, permission: [{ action: 'use' }] },
        automation: { onOffered: 'manual', onAgreed: 'manual' },
      })
      return id
    }
    agreements.set(key, await counterparty.provide(did, request, (pid) => act(`/negotiations/${pid}/verify`)))
  }
  await counterparty.close()
  return agreements
}

/** Runs the kit, a line a test; whether exactly what was asked for ran and passed. */
async function runKit(file: string, prefixes: readonly string[]): Promise<boolean> {
  const kit = spawn(KIT, ['dsp', file, ...prefixes], { stdio: ['ignore', 'pipe', 'inherit'] })
  let summary = ''
  for await (const line of createInterface({ input: kit.stdout })) {
    if (/SUCCESSFUL:|FAILED:|ABORTED:|^FAILED /.test(line)) console.log(line.replace(/^\[[^\]]*\] /, ''))
    else if (/^ {4}/.test(line)) console.log(line)
    if (/^\d+ passed, \d+ failed, \d+ skipped$/.test(line)) summary = line
  }
  const [code] = kit.exitCode === null ? ((await once(kit, 'exit')) as [number | null]) : [kit.exitCode]
  console.log(summary === '' ? 'the kit came to no end' : summary)
  const [passed = 0, failed = 0] = (summary.match(/\d+/g) ?? []).map(Number)
  return code === 0 && failed === 0 && (prefixes.length > 0 ? passed > 0 : passed === EXPECTED)
}

process.exit(await main(process.argv.slice(2)))
