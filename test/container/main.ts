// Builds the image and tries it on a container engine: `npm run container`. Further words go to the build, as in
// `-- --build-arg NODE_IMAGE=…`. The last line is `N passed, N failed`; the exit code is 0 only if nothing failed.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Bill } from '../architecture/sbom.ts'
import { engine, ENGINE, must } from './engine.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PUBLISHED = fileURLToPath(new URL('published', import.meta.url))
const READY_TRIES = 60
const TRY_EVERY_MS = 500
/** As the README says to run it. */
const HARDENED = ['--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges']
const SUBNET = '10.89.71.0/24'

const run = `lingqu-try-${String(process.pid)}`
const image = `localhost/${run}`
const made: string[] = []
let files: readonly string[] | null = null
const folder = mkdtempSync(join(tmpdir(), 'lingqu-container-'))

/** A container of the image, hardened, with a volume of its own; gives its name. */
async function started(name: string, ...options: readonly string[]): Promise<string> {
  const full = `${run}-${name}`
  made.push(full)
  await must(
    'run',
    '--detach',
    '--no-healthcheck',
    '--name',
    full,
    ...HARDENED,
    '--volume',
    `${full}:/app/data`,
    ...options,
    image,
  )
  return full
}

async function healthy(name: string): Promise<void> {
  for (let tries = 0; tries < READY_TRIES; tries++) {
    if ((await engine('exec', name, 'lingqu', 'health')).exit === 0) return
    await wait(TRY_EVERY_MS)
  }
  const { stdout, stderr } = await engine('logs', name)
  assert.fail(`${name} is not ready; its log:\n${stdout}${stderr}`)
}

async function exitCode(name: string): Promise<number> {
  await must('stop', '--time', '30', name)
  return Number(await must('inspect', '--format', '{{.State.ExitCode}}', name))
}

/** Every file of the image, as a path without a slash at the front. */
async function filesOfImage(): Promise<readonly string[]> {
  if (files !== null) return files
  const name = `${run}-files`
  made.push(name)
  const archive = join(folder, 'image.tar')
  await must('create', '--no-healthcheck', '--name', name, image)
  await must('export', '--output', archive, name)
  files = execFileSync('tar', ['--list', '--file', archive], { maxBuffer: 64 * 1024 * 1024 })
    .toString()
    .split('\n')
  return files
}

/** An authority of our own, and a certificate for each name; the paths in the container. */
function certificates(...names: readonly string[]): void {
  const openssl = (...words: readonly string[]): void =>
    void execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-days',
    '2',
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
    '-subj',
    '/CN=Authority of the trial',
  )
  for (const name of names) {
    writeFileSync(join(folder, 'names'), `subjectAltName=DNS:${name}`)
    openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.crt',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      'names',
      '-out',
      `${name}.crt`,
    )
    // The container's user is another one; a trial's key is no secret.
    chmodSync(join(folder, `${name}.key`), 0o644)
  }
  chmodSync(folder, 0o755)
}

const TRIALS: readonly (readonly [name: string, trial: () => Promise<void>])[] = [
  [
    'the image builds, and says who it is, how it stops and how its health is checked',
    async () => {
      const forHealth = ENGINE.startsWith('podman') ? ['--format', 'docker'] : []
      await must('build', ...forHealth, '--tag', image, ...process.argv.slice(2), ROOT)
      const said = await must('image', 'inspect', image)
      for (const part of ['"User": "1000:1000"', '"/app/data": {}', '"lingqu health"', 'image.licenses', 'SIGTERM']) {
        const compact = said.replace(/\[\s*"CMD",\s*"lingqu",\s*"health"\s*\]/, '"lingqu health"')
        assert.ok(compact.includes(part), `expected ${part} in\n${compact}`)
      }
    },
  ],
  [
    'it holds no shell, no package manager, no build tools, no tests, and no binaries for other platforms',
    async () => {
      const all = await filesOfImage()
      const tools = /^(usr\/)?(local\/)?s?bin\/(?!node$|lingqu$)./
      const rest = /(^|\/)(npm|yarn|corepack|apt|sqlite3\.c|\.npmrc)$|^app\/test\/|prebuilds\/.*(darwin|win32|musl)/
      assert.deepEqual(
        all.filter((file) => tools.test(file) || rest.test(file)),
        [],
      )
      assert.ok(all.includes('usr/local/bin/node') && all.includes('app/src/main.ts'))
    },
  ],
  [
    'its bill of materials names exactly the packages that are in it, Node, and the libraries of the system',
    async () => {
      const text = await must(
        'run',
        '--rm',
        '--no-healthcheck',
        image,
        'node',
        '-p',
        'fs.readFileSync("sbom.cdx.json", "utf8")',
      )
      const { components } = JSON.parse(text) as Bill
      const named = (kind: string): string[] =>
        components.filter(({ purl }) => purl.startsWith(`pkg:${kind}/`)).map((each) => each.name)
      const installed = (await filesOfImage()).flatMap(
        (file) => /^app\/(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/@]+)\/package\.json$/.exec(file)?.[1] ?? [],
      )
      assert.deepEqual(named('npm').toSorted(), installed.toSorted())
      assert.deepEqual(named('generic'), ['node'])
      for (const library of ['libc6', 'libstdc++6', 'libgcc-s1']) assert.ok(named('deb').includes(library), library)
    },
  ],
  [
    'hardened and without a network it starts, is healthy, writes to its volume only, and stops with 0',
    async () => {
      const name = await started('alone', '--network', 'none')
      await healthy(name)
      assert.equal(await must('exec', name, 'node', '-p', 'process.getuid()'), '1000')
      const refused = await engine('exec', name, 'node', '-e', 'fs.writeFileSync("/app/src/x", "")')
      assert.match(refused.stderr, /EROFS|EACCES/)
      // The engine itself lays /etc/hosts and its like into the container.
      const changed = (await must('diff', name))
        .split('\n')
        .filter((line) => !/^\w \/(etc|run|dev|proc|sys|var)?\b/.test(line))
      assert.deepEqual(changed, [])
      // SQLite needs a place for its scratch files.
      await must(
        'exec',
        name,
        'node',
        '-e',
        'const D = require("better-sqlite3"); const d = new D("data/x.db"); d.exec("CREATE TABLE t (a); VACUUM")',
      )
      assert.equal(await exitCode(name), 0)
    },
  ],
  [
    'a stop while it starts is not lost',
    async () => {
      const name = await started('hasty', '--network', 'none')
      await wait(TRY_EVERY_MS / 2)
      assert.equal(await exitCode(name), 0)
    },
  ],
  [
    'it is healthy on another port too, and not when nothing listens',
    async () => {
      const on = (port: number): readonly string[] => [
        ...['--env', `LINGQU_PUBLIC__PORT=${String(port)}`],
        ...['--env', `LINGQU_PUBLIC__URL=http://localhost:${String(port)}`],
      ]
      const name = await started('elsewhere', '--network', 'none', ...on(9443))
      await healthy(name)
      const other = await engine('exec', ...on(9444), name, 'lingqu', 'health')
      assert.equal(other.exit, 3)
    },
  ],
  ['two on one network, over http, negotiate and transfer', () => exchange('http', {})],
  [
    'two on one network, with TLS of their own and an authority of their own, negotiate and transfer',
    () => {
      const names = [`${run}-https-harbour`, `${run}-https-buyer`]
      certificates(...names)
      return exchange('https', {
        LINGQU_OUTBOUND__EXTRACAFILE: '/tls/ca.crt',
        LINGQU_OUTBOUND__ALLOWNETWORKS: JSON.stringify([SUBNET]),
      })
    },
  ],
]

/** The whole way from the register to the bytes, by the commands that the README names. */
async function exchange(scheme: 'http' | 'https', more: Readonly<Record<string, string>>): Promise<void> {
  const network = `${run}-${scheme}`
  await must('network', 'create', '--subnet', SUBNET, network)
  const [harbour, buyer] = [`${scheme}-harbour`, `${scheme}-buyer`]
  try {
    for (const [name, peer] of [
      [harbour, buyer],
      [buyer, harbour],
    ] as const) {
      const host = `${run}-${name}`
      const settings = {
        LINGQU_PUBLIC__URL: `${scheme}://${host}:8181`,
        LINGQU_PUBLIC__HOST: '0.0.0.0',
        ...(scheme === 'http'
          ? { LINGQU_OUTBOUND__ALLOWHTTPHOSTS: JSON.stringify([`${run}-${peer}:8181`]) }
          : { LINGQU_PUBLIC__TLS__CERTFILE: `/tls/${host}.crt`, LINGQU_PUBLIC__TLS__KEYFILE: `/tls/${host}.key` }),
        ...more,
      }
      const env = Object.entries(settings).flatMap(([key, value]) => ['--env', `${key}=${value}`])
      const mounts = ['--volume', `${PUBLISHED}:/published:ro`, '--volume', `${folder}:/tls:ro`]
      await healthy(await started(name, '--network', network, ...env, ...mounts))
    }
    const at = (name: string, ...words: readonly string[]): Promise<string> =>
      must('exec', `${run}-${name}`, 'lingqu', ...words)
    await at(harbour, 'peers', 'add', 'buyer', `did:web:${run}-${buyer}%3A8181`, '--claim', 'country=VN')
    await at(harbour, 'datasets', 'add', '/published/weather.yaml')
    await at(buyer, 'peers', 'add', 'harbour', `did:web:${run}-${harbour}%3A8181`)
    assert.match(await at(buyer, 'connect', 'harbour', 'urn:dataset:weather:nanning', '--out', '-'), /^hour,celsius\n/)
    for (const name of [harbour, buyer]) await at(name, 'evidence', 'verify')
    for (const name of [harbour, buyer]) assert.equal(await exitCode(`${run}-${name}`), 0)
  } finally {
    for (const name of [harbour, buyer]) await engine('rm', '--force', '--volumes', `${run}-${name}`)
    await engine('network', 'rm', network)
  }
}

console.log(`on ${ENGINE}`)
let passed = 0
for (const [name, trial] of TRIALS) {
  try {
    await trial()
    passed += 1
    console.log(`  ok      ${name}`)
  } catch (error) {
    console.log(`  FAILED  ${name}\n${error instanceof Error ? error.message : String(error)}`)
    // Without an image there is nothing to try.
    if (passed === 0) break
  }
}
for (const name of made) {
  await engine('rm', '--force', '--volumes', name)
  await engine('volume', 'rm', '--force', name)
}
await engine('image', 'rm', '--force', image)
rmSync(folder, { recursive: true })
const failed = TRIALS.length - passed
console.log(`${String(passed)} passed, ${String(failed)} failed`)
process.exitCode = failed === 0 ? 0 : 1
