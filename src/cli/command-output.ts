/** The output of a command. */
export interface CliOutput {
  /** Writes one result: the value as one line of JSON with --json, or else the text. */
  result(value: unknown, text: string): void;
  /** Writes a line for people. Does nothing with --json. */
  note(text: string): void;
}

export function createCliOutput(isJson: boolean, write: (text: string) => void): CliOutput {
  return {
    result: (value, text) => write(isJson ? `${JSON.stringify(value ?? null)}\n` : `${text}\n`),
    note: text => {
      if (!isJson) write(`${text}\n`);
    },
  };
}

/** Formats rows as a table with aligned columns. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, ...rows.map(row => row.map(safeForTerminal))];
  const widths = headings.map((_, column) => Math.max(...lines.map(line => (line[column] ?? '').length)));
  return lines
    .map(line =>
      line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Makes a text from outside safe for a terminal: one line of at most 200 characters, without control characters. */
export function safeForTerminal(text: string): string {
  const clean = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return clean.length > 200 ? `${clean.slice(0, 199)}…` : clean;
}
