// The kit's configuration: which connector, where its operator is reached, and which ids each scenario is about.

export interface KitSettings {
  readonly did: string
  readonly rootUrl: string
  readonly dspBase: string
  readonly hooks: string
  readonly kitPort: number
  readonly authorization: string
  readonly offerIdOf: (dataset: string) => string
  /** The agreement's id by the name that it has in the script. */
  readonly agreements: ReadonlyMap<string, string>
}

// prettier-ignore
const NUMBERS: Readonly<Record<string, readonly string[]>> = {
  CN:   ['01_01', '01_02', '01_03', '01_04', '02_01', '02_02', '02_03', '02_04', '02_05', '02_06', '02_07', '03_01', '03_02', '03_03', '03_04'],
  CN_C: ['01_01', '01_02', '01_03', '01_04', '02_01', '02_02', '02_03', '02_04', '02_05', '02_06', '03_01', '03_02', '03_03', '03_04', '03_05', '03_06'],
  TP:   ['01_01', '01_02', '01_03', '01_04', '01_05', '02_01', '02_02', '02_03', '02_04', '02_05', '03_01', '03_02', '03_03', '03_04', '03_05', '03_06'],
  TP_C: ['01_01', '01_02', '01_03', '01_04', '01_05', '02_01', '02_02', '02_03', '02_04', '02_05', '03_01', '03_02', '03_03', '03_04', '03_05', '03_06'],
}

const PREFIX: Readonly<Record<string, string>> = { CN: 'ACN', CN_C: 'ACNC', TP: 'ATP', TP_C: 'ATPC' }

const WAIT_S = 15

export function kitProperties(settings: KitSettings): string {
  const { did, rootUrl, dspBase, hooks, kitPort, authorization, offerIdOf, agreements } = settings
  const lines = [
    'dataspacetck.debug=true',
    'dataspacetck.ansi=false',
    'dataspacetck.host=127.0.0.1',
    `dataspacetck.port=${String(kitPort)}`,
    `dataspacetck.callback.address=http://localhost:${String(kitPort)}`,
    'dataspacetck.dsp.local.connector=false',
    `dataspacetck.dsp.connector.agent.id=${did}`,
    `dataspacetck.dsp.connector.http.url=${dspBase}`,
    `dataspacetck.dsp.connector.http.base.url=${rootUrl}`,
    `dataspacetck.dsp.connector.http.headers.authorization=${authorization}`,
    `dataspacetck.dsp.connector.negotiation.initiate.url=${hooks}/negotiations/requests`,
    `dataspacetck.dsp.connector.transfer.initiate.url=${hooks}/transfers/requests`,
    `dataspacetck.dsp.default.wait=${String(WAIT_S)}`,
    'CAT_01_01_DATASETID=CAT0101',
    'CAT_01_02_DATASETID=CAT0102',
    'CAT_01_03_DATASETID=CAT0103',
  ]
  for (const [suite, numbers] of Object.entries(NUMBERS)) {
    for (const number of numbers) {
      const key = `${PREFIX[suite] ?? ''}${number.replace('_', '')}`
      if (suite.startsWith('CN')) {
        lines.push(`${suite}_${number}_DATASETID=${key}`)
        if (suite === 'CN') lines.push(`${suite}_${number}_OFFERID=${offerIdOf(key)}`)
      } else {
        lines.push(
          `${suite}_${number}_AGREEMENTID=${agreements.get(key) ?? ''}`,
          `${suite}_${number}_FORMAT=HttpData-PULL`,
        )
      }
    }
  }
  return `${lines.join('\n')}\n`
}
