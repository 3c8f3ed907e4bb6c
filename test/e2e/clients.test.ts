import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiOf } from '../helpers/api.ts';
import { ROOT, type RunningGate, startGate, until } from '../helpers/gate.ts';
import { needs } from '../helpers/outside.ts';
import { runProgram } from '../helpers/program.ts';

// Every sample of docs/clients.md, as it stands there but for hosts and ports.

interface Sample {
  readonly language: string;
  readonly text: string;
}

const DOCUMENT = readFileSync(join(ROOT, 'docs', 'clients.md'), 'utf8');
const SAMPLES: readonly Sample[] = [...DOCUMENT.matchAll(/```(\w+)\n(.*?)```/gs)].map(
  ([, language = '', text = '']) => ({ language, text }),
);

/** What is said to the samples that hand in a message, by its subject. */
const ANSWERS: Readonly<Record<string, RegExp>> = {
  'Order 1002': /^\{"id":"[0-9a-z]{13}",/,
  Test: /^$/,
  'Order 1003': /^\{"message":"OK","mid":\d+\}$/,
  'Order 1004': /^\{"message":"OK","mid":\d+\}$/,
  'Order 1005': /^$/,
  'Order 1006': /^$/,
  'Order 1007': /^\{"status":"ok"\}$/,
  'Order 1008': /^\{"message":"Email sent successfully","info":\{"accepted":\["ada@example\.net"\],/,
};
const OTHERS: Readonly<Record<string, RegExp>> = {
  '/admin/new_address': /^\{"jwt":".*","address":"billing@temp-mail\.test",/,
  '/api/v2/mail/providers': /^\[\{"id":1,/,
};

function sampleWith(part: string): Sample {
  const [found, ...more] = SAMPLES.filter(({ text }) => text.includes(part));
  if (found === undefined || more.length > 0) throw new Error(`${part} is not in one sample, but in others`);
  return found;
}

const INTERPRETERS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  sh: ['bash', '-euo', 'pipefail', '-c'],
  python: ['python3', '-c'],
};

/** Runs a sample; resolves with what it printed. */
async function run({ language, text }: Sample, env: Record<string, string> = {}): Promise<string> {
  const [program, ...args] = INTERPRETERS[language] ?? ['false'];
  const { code, stdout, stderr } = await runProgram(program, [...args, text], { env });
  expect(code, `${text}\n${stdout}\n${stderr}`).toBe(0);
  return stdout.trimEnd();
}

async function reachInbox({ http }: { http: string }, subject: string): Promise<void> {
  await until(async () => {
    const { messages } = await apiOf({ http }).ask<{ messages: { subject: string }[] }>('GET', '/inbox');
    return messages.some(message => message.subject === subject);
  }, `"${subject}" to be in the inbox`);
}

const isThere = needs('the samples of docs/clients.md', 'curl', 'python3');

describe.runIf(isThere)('a sample of docs/clients.md', () => {
  let gate: RunningGate;
  beforeAll(async () => {
    gate = await startGate();
  });
  afterAll(() => gate?.stop());

  function runHere({ language, text }: Sample): Promise<string> {
    const [host = '', port = ''] = gate.smtp.split(':');
    const here = text
      .replaceAll('http://127.0.0.1:8000', gate.http)
      .replaceAll('smtp://127.0.0.1:8025', `smtp://${gate.smtp}`)
      .replaceAll('("127.0.0.1", 8025)', `("${host}", ${port})`)
      .replaceAll('port: 8025', `port: ${port}`);
    return run(
      { language, text: here },
      {
        POSTERN_KEY: gate.key,
        POSTERN_ADMIN_TOKEN: gate.adminToken,
        TEMP_MAIL_ADMIN: gate.tempMail.adminPassword,
      },
    );
  }

  test.each(Object.entries(ANSWERS))('hands in "%s"', async (subject, answer) => {
    expect(await runHere(sampleWith(subject))).toMatch(answer);
    await reachInbox(gate, subject);
  });

  test.each(Object.entries(OTHERS))('asks %s', async (path, answer) => {
    expect(await runHere(sampleWith(path))).toMatch(answer);
  });

  test('is one of these', () => {
    const told = [...Object.keys(ANSWERS), ...Object.keys(OTHERS)].map(sampleWith);
    expect(new Set(told)).toEqual(new Set(SAMPLES));
  });
});
