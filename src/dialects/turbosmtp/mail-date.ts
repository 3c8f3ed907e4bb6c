const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
// RFC 5322, section 3.3, with the obsolete zones of section 4.3 that still occur, and a comment at the end.
const DATE =
  /^(?:(?:mon|tue|wed|thu|fri|sat|sun), *)?(\d{1,2}) +([a-z]{3}) +(\d{4}) +(\d{2}:\d{2})(:\d{2})? +([+-]\d{4}|gmt|utc?)(?: +\([^()]*\))?$/i;

/** Parses the value of a Date field to epoch ms. Undefined if it is invalid. */
export function parseMailDate(text: string): number | undefined {
  const [, day = '', monthName = '', year = '', time = '', seconds = ':00', zone = ''] =
    DATE.exec(text) ?? [];
  const month = MONTHS.indexOf(monthName.toLowerCase()) + 1;
  const offset = /^[+-]/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : 'Z';
  const date = `${year}-${twoDigits(month)}-${twoDigits(day)}`;
  const epochMs = Date.parse(`${date}T${time}${seconds}${offset}`);
  // Date.parse would read February 30 as a day in March.
  const isDay = new Date(Date.parse(`${date}T00:00:00Z`)).getUTCDate() === Number(day);
  return isDay && !Number.isNaN(epochMs) ? epochMs : undefined;
}

function twoDigits(value: number | string): string {
  return String(value).padStart(2, '0');
}
