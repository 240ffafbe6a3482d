// `seed.ts DATABASE AGREEMENTS`: fills the database of a stopped connector with copies of what it has of its one agreement:
// negotiation, offer, agreement, inbox, a completed transfer and an evidence entry each. For measuring only: the copies
// carry the texts of the original, and their evidence is a chain of numbers, not of hashes.

import Database from 'better-sqlite3'

const [file = '', wanted = ''] = process.argv.slice(2)
process.once('disconnect', () => process.exit(0))

const db = new Database(file)
// What would be lost by a crash here is thrown away anyway.
db.pragma('synchronous = OFF')
db.pragma('journal_mode = OFF')
db.pragma('cache_size = -200000')
db.pragma('foreign_keys = OFF')

const count = Number(wanted)
const own = db.prepare<[], { agreement: string; negotiation: string }>(
  'SELECT id AS agreement, negotiation_pid AS negotiation FROM agreement LIMIT 1',
)
const original = own.get()
if (original === undefined) throw new Error('there is no agreement to copy')

const lastEntry = db.prepare<[], number>('SELECT max(seq) FROM evidence').pluck().get() ?? 0

/** Ids of their own, spread over the whole range in which the connector's random ones fall, and put in in their order. */
function idOf(letter: string): string {
  return `printf('urn:uuid:%08x-5eed-4${letter}00-8000-%012x', i * ${String(Math.floor(2 ** 32 / count))}, i)`
}
const [AGREEMENT, OURS, THEIRS, TRANSFER] = [idOf('a'), idOf('b'), idOf('c'), idOf('d')]

/** What differs in a copy; every other column is the original's. */
// prettier-ignore
const COPIES: readonly { readonly table: string; readonly of: string; readonly changes: Readonly<Record<string, string>> }[] = [
  { table: 'negotiation', of: 'pid = @negotiation',              changes: { pid: OURS, peer_pid: THEIRS, agreement_id: AGREEMENT } },
  { table: 'offer',       of: 'pid = @negotiation',              changes: { pid: OURS } },
  { table: 'agreement',   of: 'id = @agreement',                 changes: { id: AGREEMENT, negotiation_pid: OURS, agreed_at: 'row.agreed_at - i' } },
  { table: 'inbox',       of: 'pid = @negotiation',              changes: { pid: OURS } },
  { table: 'transfer',    of: 'agreement_id = @agreement',       changes: { pid: TRANSFER, peer_pid: THEIRS, agreement_id: AGREEMENT, state: "'COMPLETED'" } },
  { table: 'evidence',    of: "agreement = @agreement AND type = 'agreement.finalized'",
    changes: { seq: `${String(lastEntry)} + i + 1`, pid: OURS, agreement: AGREEMENT, aseq: '1' } },
]

db.transaction(() => {
  for (const { table, of, changes } of COPIES) {
    const columns = db.prepare<[], { name: string }>(`SELECT name FROM pragma_table_info('${table}')`).all()
    const values = columns.map(({ name }) => changes[name] ?? `row.${name}`)
    db.exec(`CREATE TEMP TABLE original AS SELECT * FROM main.${table} WHERE false`)
    db.prepare(`INSERT INTO original SELECT * FROM main.${table} WHERE ${of}`).run(original)
    db.exec(`
      WITH RECURSIVE number(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM number WHERE i + 1 < ${String(count)})
      INSERT INTO main.${table} SELECT ${values.join(', ')} FROM number CROSS JOIN original AS row;
      DROP TABLE original`)
  }
})()
db.pragma('journal_mode = WAL')
db.close()
process.send?.({ done: true })
