// Which folder may import what. Imports point left, never right, never sideways within a cell:
// kernel ← protocol ← domain ← { store | wire | trust | dataplane | telemetry | config } ← shell ← { http | cli } ← app ← main

// prettier-ignore
const CELLS = [
  ['kernel'],
  ['protocol'],
  ['domain'],
  ['store', 'wire', 'trust', 'dataplane', 'telemetry', 'config'],
  ['shell'],
  ['http', 'cli'],
  ['app'],
  ['main'],
]

/** The one home of each outside package; a file is written with its ending. */
// prettier-ignore
const HOMES = [
  ['better-sqlite3',  ['store'],              'Add a read or a write to src/store and call that.'],
  ['pg',              ['store'],              'Add a read or a write to src/store and call that.'],
  ['undici',          ['wire'],               'Take an HttpCall or HttpStreamCall (src/kernel/http-call.ts) as an argument.'],
  ['jose',            ['trust'],              'Take a function of src/trust as an argument.'],
  ['aws4fetch',       ['dataplane'],          'Take a function of src/dataplane/s3-source.ts as an argument.'],
  ['express',         ['http', 'app'],     'Decide in the shell or the domain and let a router of src/http call it.'],
  ['ajv',             ['protocol', 'config'], 'Parse at the border with src/protocol, and trust the type from there on.'],
  ['ajv-formats',     ['protocol', 'config'], 'Parse at the border with src/protocol, and trust the type from there on.'],
  ['pino',            ['telemetry'],          'Take a Log (src/kernel/log.ts) as an argument.'],
  ['yaml',            ['config'],             'Read files of people in src/config, and take the value as an argument.'],
]

/** Every folder or file of a list as one pattern below src/. */
const under = (names) =>
  `^src/(${names.map((name) => (name.includes('.') ? name.replace('.', '\\.') + '$' : `${name}/`)).join('|')})`
/** Of a layer: `main` is a file, `app` a file and the folder of its parts, the others are folders. */
const layer = (names) => under(names.flatMap((name) => FILES[name] ?? [name]))
const FILES = { app: ['app', 'app.ts'], main: ['main.ts'] }

const pointsLeft = CELLS.flatMap((cell, index) =>
  cell.flatMap((name) => {
    const right = CELLS.slice(index + 1).flat()
    const beside = cell.filter((other) => other !== name)
    return [
      ...(right.length === 0
        ? []
        : [
            {
              name: `${name}-points-left`,
              comment:
                `${name} may not know ${right.join(', ')}: take what is needed from there as an argument ` +
                `(a port: a function type beside the function that needs it), or move the function left.`,
              severity: 'error',
              from: { path: layer([name]) },
              to: { path: layer(right) },
            },
          ]),
      ...(beside.length === 0
        ? []
        : [
            {
              name: `${name}-never-sideways`,
              comment:
                `${name} may not import ${beside.join(', ')}: they are cells of their own. ` +
                `Take a port as an argument and let app connect the two, or move what both need into domain, protocol or kernel.`,
              severity: 'error',
              from: { path: layer([name]) },
              to: { path: layer(beside) },
            },
          ]),
    ]
  }),
)

const homes = HOMES.map(([name, folders, instead]) => ({
  name: `home-of-${name}`,
  comment: `${name} is imported in ${folders.join(' and ')} only. ${instead}`,
  severity: 'error',
  from: { path: '^src/', pathNot: under(folders) },
  to: { path: `node_modules/(@types/)?${name}/` },
}))

export default {
  forbidden: [
    ...pointsLeft,
    ...homes,
    {
      name: 'pure-core',
      comment:
        'kernel, protocol and domain decide and do nothing: of Node they use node:crypto for hashing and node:assert. ' +
        'Take what was read as an argument, and give back what is to be done as a value.',
      severity: 'error',
      from: { path: under(['kernel', 'protocol', 'domain']) },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|assert|assert/strict)$' },
    },
    {
      name: 'console-stands-alone',
      comment: 'src/console is what the browser gets: it imports only its own files, and nothing imports it.',
      severity: 'error',
      from: { path: under(['console']) },
      to: { pathNot: under(['console']) },
    },
    {
      name: 'nothing-imports-console',
      comment: 'The files of src/console are served, not imported: read them from disk in src/http/console.',
      severity: 'error',
      from: { path: '^src/', pathNot: under(['console']) },
      to: { path: under(['console']) },
    },
    {
      name: 'independent-verifier',
      comment:
        'The evidence verifier shares no code with the writer, or one mistake could hide in both. ' +
        'Write out in it what it needs.',
      severity: 'error',
      from: { path: '^src/cli/evidence-verify\\.ts$' },
      to: { dependencyTypesNot: ['core'] },
    },
    {
      name: 'every-file-in-a-layer',
      comment:
        'A folder that no layer names escapes every rule above: put the file into one of the folders of architecture.',
      severity: 'error',
      from: { path: '^src/', pathNot: [layer(CELLS.flat()), under(['console'])] },
      to: {},
    },
    {
      name: 'no-circles',
      comment: 'Two files that need each other are one file, or three: move what both need into a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'nothing-for-development',
      comment:
        'The image carries no development dependencies: move the code under test/, or the package to dependencies.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm', 'type-only'] },
    },
    {
      name: 'nothing-undeclared',
      comment: 'Declare the package in package.json: what another package happens to bring can go away with it.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'nothing-unresolvable',
      comment: 'The import leads nowhere: correct the path, with its ending.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-tests-in-src',
      comment: 'What runs in production must not need the tests: move the shared part into src.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^test/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Types count: a type that points right is a decision that points right.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.json', '.d.ts'],
      conditionNames: ['import', 'types', 'node'],
    },
    builtInModules: { add: ['node:sqlite'] },
  },
}
