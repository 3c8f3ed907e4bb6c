/** Lines of fields as RFC 4180 has them. */
export function csv(lines: readonly (readonly string[])[]): string {
  return lines.map(fields => `${fields.map(field).join(',')}\r\n`).join('');
}

function field(text: string): string {
  // What begins like this is a formula to spreadsheets, and replies of far ends are anybody's words.
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
