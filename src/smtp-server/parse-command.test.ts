import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cpuMsOf } from '../../test/helpers/programs/cpu-time.ts';
import { parseCommand } from './parse-command.ts';
import { formatReply } from './smtp-reply.ts';

/** Returns the fields of a command, or the reply to an invalid one. */
function read(line: string): unknown {
  const command = parseCommand(line);
  return command.verb === 'wrong' ? formatReply(command.reply).trimEnd() : command;
}

describe('accepted', () => {
  test.each([
    ['EHLO client.test', { verb: 'EHLO', name: 'client.test' }],
    ['ehlo [127.0.0.1]', { verb: 'EHLO', name: '[127.0.0.1]' }],
    ['EHLO [IPv6:2001:db8::1]', { verb: 'EHLO', name: '[IPv6:2001:db8::1]' }],
    ['HELO my_host ', { verb: 'HELO', name: 'my_host' }],
    ['auth plain AGEAYg==', { verb: 'AUTH', mechanism: 'PLAIN', initial: 'AGEAYg==' }],
    ['AUTH LOGIN', { verb: 'AUTH', mechanism: 'LOGIN', initial: undefined }],
    ['MAIL FROM:<>', { verb: 'MAIL', sender: '', size: undefined, smtputf8: false }],
    [
      'mail from:<Ada@Sender.TEST> size=1000 body=8bitmime AUTH=<>',
      { verb: 'MAIL', sender: 'Ada@sender.test', size: 1000, smtputf8: false },
    ],
    [
      'MAIL FROM: <søren@sender.test> SMTPUTF8',
      { verb: 'MAIL', sender: 'søren@sender.test', size: undefined, smtputf8: true },
    ],
    ['RCPT TO:<a@b.test>', { verb: 'RCPT', recipient: 'a@b.test', needsSmtputf8: false }],
    ['RCPT TO:<@relay.test:a@b.test>', { verb: 'RCPT', recipient: 'a@b.test', needsSmtputf8: false }],
    ['RCPT TO:<"a b"@b.test>', { verb: 'RCPT', recipient: '"a b"@b.test', needsSmtputf8: false }],
    ['RCPT TO:<a@münchen.test>', { verb: 'RCPT', recipient: 'a@xn--mnchen-3ya.test', needsSmtputf8: true }],
    ['data', { verb: 'DATA' }],
    ['NOOP whatever', { verb: 'NOOP' }],
    ['QUIT', { verb: 'QUIT' }],
    ['VRFY ada', { verb: 'VRFY' }],
    ['HELP MAIL', { verb: 'HELP' }],
  ])('%s', (line, command) => {
    expect(read(line)).toEqual(command);
  });
});

describe('refused', () => {
  test.each([
    ['', '500 5.5.2'],
    ['WHATEVER', '500 5.5.2'],
    [' EHLO x', '500 5.5.2'],
    ['EHLO\tx', '500 5.5.2'],
    ['MAIL<a@b.test>', '500 5.5.2'],
    ['EXPN list', '502 5.5.1'],
    ['BDAT 5 LAST', '502 5.5.1'],
    ['EHLO', '501 5.5.4'],
    ['EHLO two words', '501 5.5.4'],
    ['EHLO <script>', '501 5.5.4'],
    ['AUTH', '501 5.5.4'],
    ['AUTH PLAIN a b', '501 5.5.4'],
    ['DATA now', '501 5.5.4'],
    ['QUIT now', '501 5.5.4'],
    ['MAIL', '501 5.5.4'],
    ['MAIL FROM:ada@sender.test', '501 5.5.4'],
    ['MAIL FROM:<ada@sender.test>SIZE=1', '501 5.5.4'],
    ['MAIL FROM:<ada@sender.test> SIZE=', '501 5.5.4'],
    ['MAIL FROM:<ada@sender.test> SIZE=-1', '501 5.5.4'],
    ['MAIL FROM:<ada@sender.test> SIZE=1 SIZE=2', '501 5.5.4'],
    ['MAIL FROM:<ada@sender.test> BODY=BINARYMIME', '501 5.5.4'],
    ['MAIL FROM:<ada@sender.test> SMTPUTF8=yes', '501 5.5.4'],
    ['MAIL FROM:<ada@sender.test> RET=FULL', '555 5.5.4'],
    ['MAIL FROM:<ada@sender.test> constructor=1', '555 5.5.4'],
    ['RCPT TO:<ada@rcpt.test> NOTIFY=NEVER', '555 5.5.4'],
    ['MAIL FROM:<ada>', '501 5.1.7'],
    ['MAIL FROM:<a b@sender.test>', '501 5.1.7'],
    ['MAIL FROM:<<ada@sender.test>>', '501 5.5.4'],
    ['MAIL FROM:<søren@sender.test>', '553 5.6.7'],
    ['RCPT TO:<>', '501 5.1.3'],
    ['RCPT TO:<postmaster>', '501 5.1.3'],
    ['RCPT TO:<a@b.test,c@d.test>', '501 5.1.3'],
    [`NOOP ${'x'.repeat(510)}`, '500 5.5.2'],
    [`AUTH PLAIN ${'A'.repeat(12_288)}`, '500 5.5.6'],
    [`MAIL FROM:<a@b.test> AUTH=${'x'.repeat(1_600)}`, '500 5.5.2'],
  ])('%s: %s', (line, start) => {
    expect(read(line)).toMatch(new RegExp(`^${start.replaceAll('.', '\\.')} [ -~]+$`));
  });
});

test('any line is a command, or is refused with one line', () => {
  const words = fc.constantFrom(
    ...['MAIL', 'FROM:', '<', '>', '@', 'a@b.test', ' ', 'SIZE=', '9', 'RCPT', 'TO:', 'AUTH', 'PLAIN', '='],
    ...['"', '\\', 'ü', '[', ']', ':', '+', 'SMTPUTF8', 'BODY=8BITMIME', 'constructor', '__proto__'],
  );
  const line = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(words, { maxLength: 20 }).map(parts => parts.join('')),
  );
  fc.assert(
    fc.property(line, text => {
      const command = parseCommand(text);
      if (command.verb === 'wrong')
        expect(formatReply(command.reply)).toMatch(/^5\d\d 5\.\d\.\d+ [ -~]*\r\n$/);
    }),
  );
});

test.each([
  ['spaces', `AUTH${' '.repeat(12_000)}`],
  ['spaces before the end', `AUTH PLAIN${' '.repeat(12_000)}!`],
  ['angle brackets', `MAIL FROM:<a@b.test> AUTH=${'<>'.repeat(700)}+`],
  ['equals signs', `MAIL FROM:<a@b.test> ${'a='.repeat(700)}`],
  ['parameters', `MAIL FROM:<a@b.test> ${'a '.repeat(700)}`],
  ['quotes', `RCPT TO:<${'"'.repeat(900)}@b.test>`],
  ['a source route', `RCPT TO:<${'@a,'.repeat(300)}:a@b.test>`],
])('a line full of %s is parsed without delay', (_, line) => {
  const work = () => {
    for (let i = 0; i < 10; i++) parseCommand(line);
  };
  expect(cpuMsOf(work)).toBeLessThan(400);
});
