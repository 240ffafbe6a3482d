// Places as ISO 3166 names them: a country (`CN`) or one of its subdivisions (`CN-45`).

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

/** The code in capitals, or null if no such country is assigned. The subdivision's form is checked, not its existence. */
export function parsePlace(text: string): string | null {
  const code = text.toUpperCase()
  return /^[A-Z]{2}(?:-[A-Z0-9]{1,3})?$/.test(code) && COUNTRIES.has(code.slice(0, 2)) ? code : null
}

/** Whether the one place is the other or lies in it. */
export function liesIn(place: string, area: string): boolean {
  return place === area || place.startsWith(`${area}-`)
}
