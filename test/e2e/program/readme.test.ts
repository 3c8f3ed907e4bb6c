import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseDocument } from '../../helpers/documents/documents.ts';
import { ROOT, until } from '../../helpers/gates/gate.ts';
import { freePort } from '../../helpers/mail-servers/mail-server.ts';
import { openTerminal, type Terminal } from '../../helpers/programs/terminal.ts';

// The blocks of README.md that start a gate of their own, for production. test/e2e/clients/documents.test.ts runs the others.

const README = parseDocument('README.md', readFileSync(join(ROOT, 'README.md'), 'utf8'));

function block(part: string): string {
  const [found, ...more] = README.blocks.filter(({ text }) => text.includes(part));
  if (found === undefined || more.length > 0) throw new Error(`not one block of the README has ${part}`);
  return found.text;
}

describe('the production gate of the README', () => {
  let folder: string;
  let port: number;
  let terminal: Terminal;

  const here = (text: string) =>
    text
      .replaceAll('port: 8000', `port: ${port}`)
      .replaceAll('port: 8025', 'port: 0')
      // No test may reach for a host that is not this machine.
      .replaceAll('smtp.example.com', 'localhost');

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'postern-readme-'));
    symlinkSync(join(ROOT, 'bin'), join(folder, 'bin'));
    port = await freePort();
    terminal = openTerminal(folder, {});
    await terminal.run(here(block('serve --config')));
    await until(() => isReady(port), 'the gate to be ready');
  });

  afterAll(async () => {
    try {
      // A gate that does not end well fails the script.
      await terminal.run('kill %1 && wait %1');
    } finally {
      await terminal.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('gets a provider and a key, takes a message, and lists it', async () => {
    const output = await terminal.run(here(block('provider add')));
    expect(output).toMatch(/pk_\d+_\w{27}/);
    expect(output).toContain('ada@example.net');
    expect(output).not.toContain('the password');
  });
});

async function isReady(port: number): Promise<boolean> {
  const reply = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
  return reply?.status === 200;
}
