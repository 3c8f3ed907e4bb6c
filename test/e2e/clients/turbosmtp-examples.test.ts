import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../../helpers/gates/gate.ts';
import { startTurbosmtpGate, type TurbosmtpGate } from '../../helpers/gates/turbosmtp-gate.ts';
import { needs, type Program } from '../../helpers/programs/outside.ts';
import { runProgram } from '../../helpers/programs/program.ts';

// The samples that people download, each run as its first line says.

const EXAMPLES = join(ROOT, 'examples');
const SAMPLES: readonly (readonly [language: string, program: Program, file: string])[] = [
  ['PHP', 'php', 'php/send.php'],
  ['Python', 'python3', 'python/send.py'],
  ['Perl', 'perl', 'perl/send.pl'],
];

let gate: TurbosmtpGate;
beforeAll(async () => {
  gate = await startTurbosmtpGate();
});
afterAll(() => gate.close());

const run = (program: string, file: string, key: string) =>
  runProgram(program, [file], {
    env: { POSTERN_URL: gate.http, POSTERN_USER: gate.user, POSTERN_KEY: key },
  });

describe.each(SAMPLES)('the sample in %s', (language, program, file) => {
  const isThere = needs(`the sample in ${language}`, program);

  test.runIf(isThere)('sends an email', async () => {
    const { code, stdout, stderr } = await run(program, join(EXAMPLES, file), gate.key);
    expect(stdout, stderr).toMatch(/"message": ?"OK"/);
    expect(code).toBe(0);
    const { email } = await gate.accepted(BigInt(/"mid": ?(\d+)/.exec(stdout)?.[1] ?? ''));
    expect(email).toMatchObject({
      from: { name: 'Shop', address: 'shop@example.com' },
      to: [{ address: 'ada@example.com' }, { name: 'Bob', address: 'bob@example.com' }],
      subject: `Hello from ${language}`,
      text: expect.stringMatching(/^The text of the email\s*$/),
      html: expect.stringContaining('<p>The <b>HTML</b> of the email</p>'),
    });
    const headers = email.headers.map(({ key, value }) => `${key}: ${value}`);
    expect(headers).toContain('x-first-header: value');
    expect(headers.join()).not.toContain('removed');
  });

  test.runIf(isThere)('says why it could not', async () => {
    const { code, stdout, stderr } = await run(program, join(EXAMPLES, file), 'wrong');
    expect(stdout + stderr).toContain('Wrong credentials specified');
    expect(code).toBe(1);
  });
});

describe.runIf(needs('the PHP classes of the published page', 'php'))('the PHP classes', () => {
  test('work as the published page uses them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'postern-php-'));
    try {
      const script = join(folder, 'page.php');
      writeFileSync(script, pageSample());
      const { stdout, stderr } = await run('php', script, gate.key);
      expect(stdout, stderr).toContain('string(2) "OK"');
      const { message } = await gate.accepted(BigInt(/int\((\d+)\)/.exec(stdout)?.[1] ?? ''));
      expect(message.recipients.map(({ address }) => address)).toEqual(
        ['mark.davies', 'bruce.campbell', 'mary.davies', 'mary.smith', 'maria.campbell', 'don.smith'].map(
          name => `${name}@domain.com`,
        ),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** A program of the calls that the page shows, in its order. */
function pageSample(): string {
  return `<?php
require_once "${EXAMPLES}/php/TurboApiClient.php";
$email = new Email();
$email->setFrom("john.smith@domain.com");
$email->setToList("mark.davies@domain.com, bruce.campbell@domain.com");
$email->setCcList("mary.davies@domain.com, mary.smith@domain.com");
$email->setBccList("maria.campbell@domain.com, don.smith@domain.com");
$email->setSubject("subject");
$email->setContent("content");
$email->setHtmlContent("html content");
$email->addCustomHeader('X-FirstHeader', "value");
$email->addCustomHeader('X-Header-to-be-removed', 'value');
$email->removeCustomHeader('X-Header-to-be-removed');
$client = new TurboApiClient(getenv('POSTERN_USER'), getenv('POSTERN_KEY'), getenv('POSTERN_URL'));
$response = $client->sendEmail($email);
var_dump($response);
`;
}
