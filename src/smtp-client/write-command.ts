/**
 * Returns a command line with CRLF. Addresses and names were checked before, so a control character is a bug. It must not
 * start a second command.
 */
export function commandLine(text: string): string {
  if (/[\u0000-\u001f\u007f]/.test(text)) throw new Error('bug: a control character in an SMTP command');
  return `${text}\r\n`;
}

/** Returns MAIL with its extension parameters. Each parameter has a leading space. */
export function mailCommand(sender: string, parameters: string): string {
  return commandLine(`MAIL FROM:${path(sender)}${parameters}`);
}

export function rcptCommand(recipient: string): string {
  return commandLine(`RCPT TO:${path(recipient)}`);
}

function path(address: string): string {
  if (/[<>]/.test(address)) throw new Error('bug: an angle bracket in an envelope address');
  return `<${address}>`;
}
