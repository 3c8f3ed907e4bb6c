import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import { expect, it, onTestFinished } from 'vitest';
import { testFolder } from '../../helpers/gates/cli.ts';
import { until } from '../../helpers/gates/gate.ts';
import { startServe } from '../../helpers/gates/serve.ts';
import { startSmtpSink } from '../../helpers/mail-servers/smtp-sink.ts';

const FILE = [
  'x-sender: app@shop.example',
  'x-receiver: nobody@customer.example',
  'From: Shop <app@shop.example>',
  'Subject: Your order',
  'Message-ID: <order-1@shop.example>',
  '',
  'Thank you.',
  '',
].join('\r\n');

it('tells the sender of a pickup file that it was refused, by mail with the null sender, although the gate is killed meanwhile', async () => {
  const sink = await startSmtpSink({
    answer: ({ stage, line }) =>
      stage === 'rcpt' && line.includes('nobody@') ? '550 5.1.1 no such user here' : undefined,
  });
  onTestFinished(() => sink.close());
  const [data, directory] = [testFolder(), testFolder()];
  const settings = { 'pickup.directory': directory, smarthost: `smtp://127.0.0.1:${sink.port}` };
  const first = await startServe({ data, settings });
  await writeFile(join(directory, '.draft'), FILE);
  await rename(join(directory, '.draft'), join(directory, 'one.eml'));
  await sink.until(() => sink.sessions.some(({ commands }) => commands.some(line => /nobody@/.test(line))));
  first.kill('SIGKILL');
  await first.ended;

  const second = await startServe({ data, settings });
  // Where the killed gate could still live elsewhere, its lease of 15 s must have ended, and 5 s are between two looks.
  const [message] = await until(() => sink.messages.length > 0 && sink.messages, 'the notice');
  await second.stop();
  expect(sink.messages).toHaveLength(1);
  expect(message).toMatchObject({ sender: '', recipients: ['app@shop.example'] });
  const mail = await PostalMime.parse(message?.bytes ?? '');
  expect(mail).toMatchObject({
    subject: 'Undelivered: Your order',
    inReplyTo: '<order-1@shop.example>',
    from: { address: 'postmaster@shop.example' },
  });
  expect(mail.text).toContain(
    'nobody@customer.example\n    The receiving server refused it: 550 5.1.1 no such user here',
  );
});
