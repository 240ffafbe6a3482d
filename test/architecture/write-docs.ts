// Writes what is generated: the schema files that editors read and the tables of README.md. `npm run docs`.

import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { withGenerated } from '../../src/config/readme-table.ts'
import { GENERATED, POLICY_SCHEMAS, SCHEMA_FILE, schemaText } from './generated.ts'
import { textOf } from './tree.ts'

const root = new URL('../../', import.meta.url)

writeFileSync(fileURLToPath(new URL(SCHEMA_FILE, root)), schemaText())

mkdirSync(fileURLToPath(new URL('config/policy-schemas', root)), { recursive: true })
for (const [file, schema] of Object.entries(POLICY_SCHEMAS)) {
  writeFileSync(fileURLToPath(new URL(file, root)), schema())
}

let readme = textOf('README.md')
for (const { begin, end, table } of GENERATED) {
  const written = withGenerated(readme, begin, end, table())
  if (written === undefined) {
    console.error(`README.md: expected ${begin} once, and ${end} after it`)
    process.exitCode = 1
  }
  readme = written ?? readme
}
if (readme !== '') writeFileSync(fileURLToPath(new URL('README.md', root)), readme)
