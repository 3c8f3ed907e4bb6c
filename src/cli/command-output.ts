/** Where a command writes what it found. */
export interface CliOutput {
  /** One result: with --json the value as one line of JSON, else the text. */
  result(value: unknown, text: string): void;
  /** A line for people only. */
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

/** Rows under their headings, in columns. */
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

/** A text of somebody else's without what could drive a terminal, cut to one line of at most 200 characters. */
export function safeForTerminal(text: string): string {
  const clean = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return clean.length > 200 ? `${clean.slice(0, 199)}…` : clean;
}
