// Every command `lingqu policy …`, one row each, as in the table of all commands, of which these are a part.

import { row, type CommandRow, type Option } from '../command-row.ts'

const SARIF: Option = { summary: 'the findings as SARIF 2.1.0' }
const LANG: Option = { value: 'en|zh', summary: 'the language of what is said; else that of defaults.yaml' }
const NOTES: Option = { summary: 'also what is only worth knowing' }
const STRICT: Option = { summary: 'exit code 1 for warnings too' }
const ONLY_CHECK: Option = { summary: 'changes nothing; exit code 1 where something would be changed' }

const COVERAGE: Option = { summary: 'what no case sees both to hold and to fail' }
const STRANGE: Option = {
  value: 'IRI',
  multiple: true,
  summary: 'a profile that the policy may name although nothing is known of it here',
}
const MIN: Option = { value: 'N', summary: 'exit code 1 where less than N per cent are covered' }
const MUTATE: Option = { summary: 'makes small mistakes in the policies, and tells those that no case notices' }
const SURVIVORS: Option = { summary: 'exit code 1 where a mistake goes unnoticed' }

const LIST: Option = { summary: 'the templates, each with its parameters' }
const OUT: Option = {
  value: 'FILE|-',
  summary: 'where it is written; else offers/ID.yaml of the policies folder; - is stdout',
}
const VALUES: Option = {
  value: 'NAME=VALUE',
  multiple: true,
  summary: 'a parameter; commas between the values of a list',
}
const OFFER_ID: Option = { value: 'ID', summary: 'the id of the offer; else that of the template' }
const ABOUT: Option = { value: 'ID', multiple: true, summary: 'a dataset that it is about, or a glob' }
const POLICIES: Option = { value: 'DIR', summary: 'the policies folder; else that of the settings' }

function fileOf(summary: string): Option {
  return { value: 'FILE', summary }
}

const BOTH: Option = { value: 'zh|en|both', summary: 'the language; else that of defaults.yaml' }
const MARKDOWN: Option = { summary: 'as Markdown' }
const HTML: Option = { summary: 'as a page of HTML' }
const TIMEZONE: Option = { value: 'NAME', summary: 'of dates; else Asia/Shanghai in Chinese, UTC in English' }
const PEER: Option = { value: 'DID', summary: 'the participant that asks' }
const DATASET: Option = { value: 'ID', summary: 'all offers that name this dataset' }
const PHASE: Option = { value: 'PHASE', summary: 'catalogue, negotiation, start (the default), during or after' }
const AT: Option = { value: 'INSTANT', summary: 'when it is asked; else now' }
const ACTION: Option = { value: 'ACTION', summary: 'what is asked for; else a delivery, as the offer names it' }
const GIVEN: Option = {
  value: 'KEY=VALUE|FILE',
  multiple: true,
  summary: 'a fact, such as spatial=VN or duty:permission[0].duty[0]=fulfilled; or a JSON file of them',
}
const WHY_NOT: Option = { summary: 'where it is denied, the fewest facts that would have to be otherwise' }
const PROFILE: Option = { value: 'tc609', summary: 'the form: the Chinese digital contract (TC609-6-2025-14)' }
const PARTIAL: Option = {
  summary: 'writes the rules in which nothing was refused; else one refusal and nothing is written',
}
const DATASETS: Option = { value: 'ID', multiple: true, summary: 'what the offer is on' }

const AGREEMENTS: Option = { summary: 'also whose agreements keep the former text of an offer, by the database' }
const SINCE: Option = { value: '30d', summary: 'how far back: days, an xsd:duration or a date and time; else 30 days' }
const WITH: Option = { value: 'DIR', summary: 'the folder with the draft; else that of the settings' }
const DATABASE: Option = {
  value: 'FILE',
  summary: 'a database, or a copy of one; else connector.db of the data directory',
}

// prettier-ignore
export const POLICY_COMMANDS: readonly CommandRow[] = [
  row('policy check',           ['path…'],           { sarif: SARIF, lang: LANG, strict: STRICT, notes: NOTES }, 'policy files: all mistakes, and what was probably not meant', async () => (await import('./check.ts')).check),
  row('policy fmt',             ['path…'],           { check: ONLY_CHECK },      'policy files in one form: order, short form, quotes', async () => (await import('./fmt.ts')).fmt),
  row('policy render',          ['path…'],           { lang: BOTH, md: MARKDOWN, html: HTML, timezone: TIMEZONE }, 'policies in sentences, in Chinese and English', async () => (await import('./render.ts')).render),
  row('policy explain',         ['path…'],           { peer: PEER, dataset: DATASET, phase: PHASE, at: AT, action: ACTION, given: GIVEN, lang: BOTH, 'why-not': WHY_NOT }, 'what the files say to one request, clause by clause', async () => (await import('./explain.ts')).explain),
  row('policy import',          ['file'],            { profile: PROFILE, partial: PARTIAL, dataset: DATASETS }, 'a contract policy of others as an offer file', async () => (await import('./import.ts')).importPolicy),
  row('policy export',          ['file'],            { profile: PROFILE, partial: PARTIAL }, 'an offer as a contract policy of others', async () => (await import('./export.ts')).exportPolicy),
  row('policy diff',            ['before', 'after'], { agreements: AGREEMENTS, lang: LANG }, 'what two files, folders or generations permit differently, shown by requests', async () => (await import('./diff.ts')).diff),
  row('policy test',            ['path…'],           { coverage: COVERAGE, min: MIN, mutate: MUTATE, strict: SURVIVORS }, 'runs the cases below tests/ against the policy files', async () => (await import('./test.ts')).test),
  row('policy new',             ['template…'],       { list: LIST, out: OUT, with: VALUES, id: OFFER_ID, dataset: ABOUT, policies: POLICIES, lang: LANG }, 'an offer file from a template', async () => (await import('./new.ts')).newOffer),
  row('policy status',          [],                  {},                         'the policies in force, and what was refused since',   async () => (await import('./status.ts')).status),
  row('policy rollback',        ['generation'],      {},                         'puts an earlier generation in force, until the files change', async () => (await import('./rollback.ts')).rollback),
  row('policy evaluate',        [],                  { policy: fileOf('the policy: ODRL as JSON-LD, or a policy file'), request: fileOf('what is asked'), facts: fileOf('the state of the world'), batch: fileOf('a case a line: {id, policy, request, facts, expect}; - is stdin'), profile: STRANGE }, 'any ODRL policy against any request and state of the world', async () => (await import('./evaluate.ts')).evaluate),
  row('policy replay',          [],                  { since: SINCE, with: WITH, file: DATABASE }, 'stored decisions made again under the policies of a folder', async () => (await import('./replay.ts')).replay),
]
