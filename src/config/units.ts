/** Examples of texts with a unit, for error texts and documentation. */
export const UNIT_EXAMPLES = { duration: '500, 90 s, 10 min, 72 h or 14 d', bytes: '4096, 64 MiB or 1 GiB' };

const FACTORS = {
  duration: { '': 1, ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 },
  bytes: { '': 1, b: 1, kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3, tib: 1024 ** 4 },
} as const;

export type Unit = keyof typeof FACTORS;

/** Parses a text such as `72 h` or `64 MiB` to milliseconds or bytes. Undefined if it is invalid. */
export function parseQuantity(text: string, unit: Unit): number | undefined {
  const [, digits = '', name = ''] = /^\s*(\d{1,15})\s*([a-z]*)\s*$/i.exec(text) ?? [];
  const factors: Readonly<Record<string, number>> = FACTORS[unit];
  const key = name.toLowerCase();
  if (digits === '' || !Object.hasOwn(factors, key)) return undefined;
  const amount = Number(digits) * (factors[key] ?? Number.NaN);
  return Number.isSafeInteger(amount) ? amount : undefined;
}

/** Formats an amount with the largest unit that gives a whole number. */
export function formatQuantity(amount: number, unit: Unit): string {
  const names = unit === 'duration' ? ['d', 'h', 'min', 's'] : ['TiB', 'GiB', 'MiB', 'KiB'];
  const factors: Readonly<Record<string, number>> = FACTORS[unit];
  const name = names.find(each => amount > 0 && amount % (factors[each.toLowerCase()] ?? Number.NaN) === 0);
  if (name === undefined) return `${amount} ${unit === 'duration' ? 'ms' : 'bytes'}`;
  return `${amount / (factors[name.toLowerCase()] ?? 1)} ${name}`;
}
