import { describe, expect, it } from 'vitest';
import { commandLine, mailCommand, rcptCommand } from './write-command.ts';

describe('an SMTP command', () => {
  it('is one line', () => {
    expect(mailCommand('a@example.com', ' SIZE=10')).toBe('MAIL FROM:<a@example.com> SIZE=10\r\n');
    expect(mailCommand('', '')).toBe('MAIL FROM:<>\r\n');
    expect(rcptCommand('"b c"@example.net')).toBe('RCPT TO:<"b c"@example.net>\r\n');
  });

  it.each(['\r', '\n', '\r\nDATA', '\u0000', '\u001b', '\u007f'])(
    'never contains the control character %j',
    control => {
      expect(() => rcptCommand(`b${control}@example.net`)).toThrow('control character');
      expect(() => mailCommand(`a${control}@example.net`, '')).toThrow('control character');
      expect(() => mailCommand('a@example.net', control)).toThrow('control character');
      expect(() => commandLine(`EHLO ${control}`)).toThrow('control character');
    },
  );

  it.each(['a> SIZE=1', '<a'])('never contains the address %j, which would end the path', address => {
    expect(() => rcptCommand(address)).toThrow('angle bracket');
  });
});
