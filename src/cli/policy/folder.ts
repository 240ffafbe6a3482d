// Where the policies lie that a command is about: by the settings, or by the paths that somebody names.

import { stat } from 'node:fs/promises'
import { basename, dirname, join, normalize, sep } from 'node:path'
import { loadConfig } from '../../config/load.ts'
import { readPolicyFiles } from '../../config/policies/read-policy-files.ts'
import type { PolicyFile } from '../../config/policies/source.ts'
import { readFiles } from '../../config/read-files.ts'
import { readYaml } from '../../config/yaml-source.ts'
import { UsageError, type Io } from '../outcome.ts'
import { bytesOf } from './named-file.ts'

/** The folder that the settings name; also while they have mistakes. */
export async function policiesFolder(env: Io['env']): Promise<string> {
  const loaded = await loadConfig(env)
  return loaded.ok ? loaded.config.policiesDir : probablePoliciesDir(env)
}

/** Where the policies are while the settings have mistakes: what can be read of them, so that nobody has to check twice. */
export async function probablePoliciesDir(env: Io['env']): Promise<string> {
  const { config } = await readFiles(env)
  const settings = 'text' in config ? readYaml(config.file, config.text).value : undefined
  const written = typeof settings === 'object' && settings !== null && 'policiesDir' in settings && settings.policiesDir
  const named = env['LINGQU_POLICIESDIR'] ?? written
  return typeof named === 'string' && named !== '' ? named : 'policies'
}

export interface Selection {
  /** The policies folder, whose files mean something only together. */
  readonly root: string
  readonly files: readonly PolicyFile[]
  /** Whether somebody asked about this file of it. */
  readonly isAsked: (path: string) => boolean
}

/** Each policies folder that the paths lead into, with all of its files; without paths the folder of the settings. */
export async function selectPolicies(paths: readonly string[], env: Io['env']): Promise<readonly Selection[]> {
  const named = await Promise.all((paths.length > 0 ? paths : [await policiesFolder(env)]).map(locate))
  const roots = [...new Set(named.map(({ root }) => root))]
  return Promise.all(
    roots.map(async (root) => {
      const asked = named.filter((each) => each.root === root)
      const isLone = asked.every(({ isLone }) => isLone)
      const files = isLone ? await readLone(root, asked) : await readPolicyFiles(root)
      refuseUnread(asked, files)
      return {
        root,
        files,
        isAsked: (path) => asked.some(({ below }) => below === '' || path === below || path.startsWith(`${below}/`)),
      }
    }),
  )
}

/** Nothing found in a file that was not looked at would sound as if it were in order. */
function refuseUnread(asked: readonly Located[], files: readonly PolicyFile[]): void {
  const unread = asked.find(({ below, isFile }) => isFile && !files.some(({ path }) => path === below))
  if (unread === undefined) return
  const hint = 'those end in .yaml, .yml, .json or .jsonld, and their names do not begin with a dot'
  throw new UsageError(`${unread.path} is none of the policy files of its folder`, hint)
}

interface Located {
  /** As it was given. */
  readonly path: string
  readonly isFile: boolean
  readonly root: string
  /** Below the root, with `/`; empty: all of it. */
  readonly below: string
  /** A file that lies in no policies folder: what lies beside it has nothing to do with it. */
  readonly isLone: boolean
}

const KINDS = ['offers', 'guardrails', 'templates', 'vocab', 'tests']

async function locate(path: string): Promise<Located> {
  const found = await stat(path).catch(() => null)
  if (found === null) throw new UsageError(`there is no ${path}`, 'a policy file, or a folder with policies')
  const isFile = !found.isDirectory()
  const steps = normalize(path)
    .split(sep)
    .filter((step, index) => index === 0 || step !== '')
  const kind = steps.findLastIndex((step) => KINDS.includes(step))
  if (kind >= 0) {
    const root = steps.slice(0, kind).join(sep)
    // An absolute path begins with an empty step.
    const below = steps.slice(kind).join('/')
    return { path, isFile, root: root === '' ? (kind > 0 ? sep : '.') : root, below, isLone: false }
  }
  if (!isFile) return { path, isFile, root: path, below: '', isLone: false }
  return { path, isFile, root: dirname(path), below: basename(path), isLone: !/^defaults\./.test(basename(path)) }
}

async function readLone(root: string, asked: readonly Located[]): Promise<readonly PolicyFile[]> {
  return Promise.all(asked.map(async ({ below }) => ({ path: below, text: await textOf(join(root, below)) })))
}

async function textOf(path: string): Promise<string> {
  return (await bytesOf(path)).toString('utf8')
}
