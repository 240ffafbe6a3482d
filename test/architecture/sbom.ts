// The bill of materials of the image, as CycloneDX JSON: the production packages of the lock file, Node, and the packages of the
// system that Node is linked to. The same input gives the same bytes: no time and no serial number.
// `npm run sbom` prints the packages alone; the Dockerfile adds the system, with os-release as argument and a list on stdin.
// Not `npm sbom --omit=dev`: it leaves out every production package that a development one needs too (npm/cli#7909).

import { readFileSync } from 'node:fs'

export interface LockedPackage {
  readonly name?: string
  readonly version?: string
  readonly license?: string
  readonly integrity?: string
  /** Reached through development dependencies only. */
  readonly dev?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** `packages` of a package-lock.json: the root under the empty path, the others under where they are installed. */
export type Locked = Readonly<Record<string, LockedPackage>>

/** What the image has of a Debian system: its release, and of each package `name version architecture`. */
export interface System {
  readonly node: string
  readonly debian: string
  readonly packages: readonly (readonly [name: string, version: string, architecture: string])[]
}

export interface Component {
  readonly 'bom-ref': string
  readonly type: 'application' | 'library' | 'platform'
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly cpe?: string
  readonly licenses?: readonly ({ readonly license: { readonly id: string } } | { readonly expression: string })[]
  readonly hashes?: readonly { readonly alg: 'SHA-512'; readonly content: string }[]
}

export interface Bill {
  readonly bomFormat: 'CycloneDX'
  readonly specVersion: '1.6'
  readonly version: 1
  readonly metadata: { readonly component: Component }
  readonly components: readonly Component[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
}

const MODULES = 'node_modules/'

export function billOf(locked: Locked, system: System | null): Bill {
  const root = locked['']
  if (root === undefined) throw new Error('expected a lock file of version 3, with a package under the empty path')
  const self: Component = { ...npmComponent(root.name ?? '', root), type: 'application' }

  const components = new Map<string, Component>()
  const dependencies = new Map<string, Set<string>>([[self.purl, new Set()]])
  for (const [path, entry] of Object.entries(locked)) {
    if (entry.dev === true) continue
    const component = path === '' ? self : npmComponent(nameAt(path), entry)
    if (path !== '') components.set(component.purl, component)
    const needs = dependencies.get(component.purl) ?? new Set()
    dependencies.set(component.purl, needs)
    for (const name of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })) {
      const found = foundFrom(locked, path, name)
      if (found !== null) needs.add(npmComponent(name, found).purl)
    }
  }
  for (const component of system === null ? [] : systemComponents(system)) components.set(component.purl, component)

  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: self },
    components: [...components.values()].sort((a, b) => (a.purl < b.purl ? -1 : 1)),
    dependencies: [...dependencies]
      .map(([ref, needs]) => ({ ref, dependsOn: [...needs].sort() }))
      .sort((a, b) => (a.ref < b.ref ? -1 : 1)),
  }
}

function npmComponent(name: string, { version = '', license, integrity }: LockedPackage): Component {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`
  const sha512 = /^sha512-(\S+)/.exec(integrity ?? '')?.[1]
  return {
    'bom-ref': purl,
    type: 'library',
    name,
    version,
    purl,
    ...(license !== undefined && {
      licenses: [/^[\w.-]+$/.test(license) ? { license: { id: license } } : { expression: license }],
    }),
    ...(sha512 !== undefined && {
      hashes: [{ alg: 'SHA-512', content: Buffer.from(sha512, 'base64').toString('hex') }],
    }),
  }
}

function systemComponents({ node, debian, packages }: System): readonly Component[] {
  const purl = `pkg:generic/node@${node}`
  const cpe = `cpe:2.3:a:nodejs:node.js:${node}:*:*:*:*:*:*:*`
  return [
    {
      'bom-ref': purl,
      type: 'platform',
      name: 'node',
      version: node,
      purl,
      cpe,
      licenses: [{ license: { id: 'MIT' } }],
    },
    // Debian names no licences by identifier: their texts are in the image, below /usr/share/doc.
    ...packages.map(([name, version, architecture]): Component => {
      const deb = `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${architecture}&distro=debian-${debian}`
      return { 'bom-ref': deb, type: 'library', name, version, purl: deb }
    }),
  ]
}

/** As Node looks for it: beside the package that asks, then one folder further out each time. */
function foundFrom(locked: Locked, path: string, name: string): LockedPackage | null {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf(MODULES) - 1))) {
    const found = locked[`${at}${at === '' ? '' : '/'}${MODULES}${name}`]
    if (found !== undefined) return found
    if (at === '') return null
  }
}

function nameAt(path: string): string {
  return path.slice(path.lastIndexOf(MODULES) + MODULES.length)
}

function systemFrom(osRelease: string, list: string): System {
  const debian = /^VERSION_ID="?([\w.]+)"?$/m.exec(osRelease)?.[1]
  if (debian === undefined) throw new Error('expected VERSION_ID in os-release')
  const packages = list
    .trim()
    .split('\n')
    .map((line) => {
      const [name, version, architecture] = line.split(' ')
      if (name === undefined || version === undefined || architecture === undefined) {
        throw new Error(`expected the name, version and architecture of a package, got: ${line}`)
      }
      return [name, version, architecture] as const
    })
  return { node: process.versions.node, debian, packages }
}

if (import.meta.main) {
  const [lockFile = 'package-lock.json', osReleaseFile] = process.argv.slice(2)
  const { packages } = JSON.parse(readFileSync(lockFile, 'utf8')) as { packages: Locked }
  const system =
    osReleaseFile === undefined ? null : systemFrom(readFileSync(osReleaseFile, 'utf8'), readFileSync(0, 'utf8'))
  process.stdout.write(`${JSON.stringify(billOf(packages, system), null, 2)}\n`)
}
