// Writes what is generated: the schema file that editors read and the tables of README.md. `npm run docs`.

import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { withGenerated } from '../../src/config/readme-table.ts'
import { GENERATED, SCHEMA_FILE, schemaText } from './generated.ts'
import { textOf } from './tree.ts'

const root = new URL('../../', import.meta.url)

writeFileSync(fileURLToPath(new URL(SCHEMA_FILE, root)), schemaText())

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
