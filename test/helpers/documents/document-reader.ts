import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apiOf } from '../gates/api.ts';
import { ROOT, type RunningGate, startGate, until } from '../gates/gate.ts';
import { freePort } from '../mail-servers/mail-server.ts';
import { openTerminal } from '../programs/terminal.ts';
import type { Block } from './documents.ts';

/** Somebody who follows a document, with a gate of development mode and one terminal. */
export interface Reader {
  /** Resolves with what the block printed. */
  run(block: Block): Promise<string>;
  /** Saves a block under the name that its mark gives. */
  save(block: Block): void;
  /** Waits until all mail has ended, but for what is scheduled; throws when some of it was not delivered. */
  reachEnd(): Promise<void>;
  close(): Promise<void>;
}

const INTERPRETERS: Readonly<Record<string, readonly [command: string, suffix: string]>> = {
  js: ['node', 'mjs'],
  python: ['python3', 'py'],
};

/** Starts a gate, and opens a terminal in a folder that looks like the repository after `npm ci`. */
export async function startReader(): Promise<Reader> {
  const gate = await startGate();
  const folder = readersFolder(gate);
  const here = await portsOf(gate);
  const terminal = openTerminal(folder, {
    POSTERN_KEY: gate.key,
    POSTERN_ADMIN_TOKEN: gate.adminToken,
    TEMP_MAIL_ADMIN: gate.tempMail.adminPassword,
    CURL_HOME: folder,
  });
  return {
    run(block) {
      const script = scriptOf(block, folder, here);
      return terminal.run(block.mark?.kind === 'refused' ? mustFail(script) : script);
    },
    save: ({ text, mark }) => writeFileSync(join(folder, mark?.text ?? ''), here(text)),
    reachEnd: () => reachEnd(gate),
    async close() {
      await terminal.close();
      await gate.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What runs a block in the terminal: its commands, or a command for the file that it was written to. */
function scriptOf({ language, line, text }: Block, folder: string, here: (text: string) => string): string {
  const [command, suffix] = INTERPRETERS[language] ?? [];
  if (command === undefined) return here(text);
  const name = `line-${line}.${suffix}`;
  writeFileSync(join(folder, name), here(text));
  return `${command} ${name}`;
}

function mustFail(script: string): string {
  return `if {\n${script}\n}; then echo 'It was not refused.' >&2; exit 1; fi`;
}

/** By itself curl ends well when a request is refused. */
const CURL_OPTIONS = 'silent\nshow-error\nfail-with-body\n';

function readersFolder({ data }: RunningGate): string {
  const folder = mkdtempSync(join(tmpdir(), 'postern-reader-'));
  for (const name of ['bin', 'examples', 'node_modules', 'package.json'])
    symlinkSync(join(ROOT, name), join(folder, name));
  symlinkSync(data, join(folder, 'data'));
  writeFileSync(join(folder, '.curlrc'), CURL_OPTIONS);
  return folder;
}

/** Puts the ports of this gate where a document has those of `npm start`, and a free one for its own program on 9000. */
async function portsOf({ http, smtp }: RunningGate): Promise<(text: string) => string> {
  const ports: Readonly<Record<string, string>> = {
    8000: new URL(http).port,
    8025: smtp.split(':').at(-1) ?? '',
    9000: String(await freePort()),
  };
  return text => text.replaceAll(/\b(?:8000|8025|9000)\b/g, port => ports[port] ?? port);
}

interface Page {
  readonly messages: readonly {
    readonly subject: string;
    readonly recipients: readonly { readonly state: string; readonly dueAt?: string }[];
  }[];
}

async function reachEnd(gate: RunningGate): Promise<void> {
  const api = apiOf(gate, gate.adminToken);
  const soon = new Date(Date.now() + 60_000).toISOString();
  const states = await until(async () => {
    const { messages } = await api.ask<Page>('GET', '/v1/messages?limit=1000');
    const found = messages.flatMap(({ subject, recipients }) =>
      recipients.filter(({ dueAt = '' }) => dueAt < soon).map(({ state }) => `"${subject}" is ${state}`),
    );
    return !found.some(text => / is (?:queued|deferred)$/.test(text)) && found;
  }, 'all mail to be delivered');
  const lost = states.filter(text => !/ is (?:delivered|cancelled)$/.test(text));
  if (lost.length > 0) throw new Error(lost.join('\n'));
}
