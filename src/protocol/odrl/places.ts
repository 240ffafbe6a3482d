// Places as ISO 3166 and GB/T 2260 name them: a country (`CN`), what it is divided into (`CN-45`), or a region (`ASEAN`).

// ISO 3166-1 alpha-2, officially assigned. A code that nobody has (`UK`, `VM`) would make a prohibition that never bites.
const COUNTRIES: ReadonlySet<string> = new Set(
  (
    'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ ' +
    'CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR ' +
    'GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP ' +
    'KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT ' +
    'MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW ' +
    'SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG ' +
    'UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW'
  ).split(' '),
)

// ISO 3166-2:CN by letters, beside the two digits of GB/T 2260 that begin every code of a place in the province.
// prettier-ignore
const PROVINCES: Readonly<Record<string, string>> = {
  BJ: '11', TJ: '12', HE: '13', SX: '14', NM: '15', LN: '21', JL: '22', HL: '23', SH: '31', JS: '32', ZJ: '33', AH: '34',
  FJ: '35', JX: '36', SD: '37', HA: '41', HB: '42', HN: '43', GD: '44', GX: '45', HI: '46', CQ: '50', SC: '51', GZ: '52',
  YN: '53', XZ: '54', SN: '61', GS: '62', QH: '63', NX: '64', XJ: '65', TW: '71', HK: '91', MO: '92',
}
const PROVINCE_CODES: ReadonlySet<string> = new Set(Object.values(PROVINCES))

/** Regions that are more than a country. */
// prettier-ignore
export const REGIONS: Readonly<Record<string, readonly string[]>> = {
  ASEAN: ['BN', 'ID', 'KH', 'LA', 'MM', 'MY', 'PH', 'SG', 'TH', 'TL', 'VN'],
}

/**
 * One spelling for a place, or null if there is none: ISO 3166-1 (`CN`), 3166-2 (`CN-GX`, also by digits, `CN-45`), GB/T 2260
 * (`45`, `4501`, `450102`), each also as a URN, and the regions above. Of places in China the digits are kept, level by level
 * (`CN-45-01-02`), so that one lies in another by its beginning. The form of other subdivisions is checked, not their existence.
 */
export function parsePlace(text: string): string | null {
  const code = text.replace(/^urn:(?:iso:std:iso:3166(?:-[12])?|cn:gbt2260):/i, '').toUpperCase()
  if (Object.hasOwn(REGIONS, code)) return code
  if (/^\d{2}(?:\d{2}){0,2}$/.test(code)) return chinese(code)
  // What this returned before: a policy's own values are read again beside the facts.
  if (/^CN(?:-\d\d){2,3}$/.test(code)) return chinese(code.slice('CN-'.length).replaceAll('-', ''))
  const found = /^([A-Z]{2})(?:-([A-Z0-9]{1,3}))?$/.exec(code)
  const [, country = '', part] = found ?? []
  if (found === null || !COUNTRIES.has(country)) return null
  return country === 'CN' && part !== undefined && Object.hasOwn(PROVINCES, part)
    ? `CN-${String(PROVINCES[part])}`
    : code
}

/** Zeros at the end stand for the whole of what is before them: 450000 is the province. */
function chinese(digits: string): string | null {
  const levels = digits.match(/\d\d/g) ?? []
  while (levels.at(-1) === '00') levels.pop()
  const [province] = levels
  return province !== undefined && PROVINCE_CODES.has(province) ? ['CN', ...levels].join('-') : null
}

/** Whether the one place is the other or lies in it (both canonical). */
export function liesIn(place: string, area: string): boolean {
  if (place === area || place.startsWith(`${area}-`)) return true
  return Object.hasOwn(REGIONS, area) && (REGIONS[area]?.some((country) => liesIn(place, country)) ?? false)
}
