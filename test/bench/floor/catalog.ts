// `catalog.ts DATABASE DATASETS`: the least that a page of a catalogue costs: one indexed query, JSON, over Node's HTTP.

import Database from 'better-sqlite3'
import { serve } from './serve.ts'

const [file = '', datasets = ''] = process.argv.slice(2)

const db = new Database(file)
db.pragma('journal_mode = WAL')
db.exec('CREATE TABLE dataset (id TEXT PRIMARY KEY, entry TEXT NOT NULL) STRICT')
const insert = db.prepare('INSERT INTO dataset VALUES (?, ?)')
db.transaction(() => {
  for (let number = 0; number < Number(datasets); number++) {
    const id = `urn:dataset:${String(number).padStart(6, '0')}`
    insert.run(id, JSON.stringify(entryOf(id, number)))
  }
})()
const page = db.prepare<[string], { id: string; entry: string }>(
  'SELECT id, entry FROM dataset WHERE id > ? ORDER BY id LIMIT 50',
)

serve((request, response) => {
  request.resume().once('end', () => {
    const rows = page.all(new URL(request.url ?? '', 'http://floor').searchParams.get('after') ?? '')
    const body = JSON.stringify({ '@type': 'Catalog', dataset: rows.map(({ entry }) => JSON.parse(entry) as unknown) })
    response
      .setHeader('content-type', 'application/json')
      .setHeader('x-last', rows.at(-1)?.id ?? '')
      .end(body)
  })
})

/** About as large as an entry of ours. */
function entryOf(id: string, number: number): object {
  return {
    '@id': id,
    '@type': 'Dataset',
    title: `Readings of station ${String(number)}`,
    'bench:group': `g${String(number)}`,
    hasPolicy: [
      {
        '@id': `offer:${id}`,
        '@type': 'Offer',
        permission: [{ action: 'use', constraint: [{ leftOperand: 'count', operator: 'lteq', rightOperand: 1000 }] }],
      },
    ],
    distribution: [{ '@type': 'Distribution', format: 'HttpData-PULL', accessService: 'http://localhost/dsp/2025-1' }],
  }
}
