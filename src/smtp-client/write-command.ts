/**
 * A command line with its CRLF. Addresses and names were checked long before; a control character here is a bug of
 * ours, and it must not become a second command.
 */
export function commandLine(text: string): string {
  if (/[\u0000-\u001f\u007f]/.test(text)) throw new Error('A control character in an SMTP command');
  return `${text}\r\n`;
}

/** MAIL with its extension parameters (each with a leading space). */
export function mailCommand(sender: string, parameters: string): string {
  return commandLine(`MAIL FROM:${path(sender)}${parameters}`);
}

export function rcptCommand(recipient: string): string {
  return commandLine(`RCPT TO:${path(recipient)}`);
}

function path(address: string): string {
  if (/[<>]/.test(address)) throw new Error('An angle bracket in an envelope address');
  return `<${address}>`;
}
