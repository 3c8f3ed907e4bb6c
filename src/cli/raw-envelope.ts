import PostalMime, { type Address, addressParser } from 'postal-mime';
import { CommandFailure } from './command-failure.ts';

/** The envelope of a raw message: from the command line, or else from the header. */
export async function envelopeOf(
  mime: Buffer,
  from: string | undefined,
  to: readonly string[],
): Promise<{ sender: string; recipients: readonly string[] }> {
  const header = await PostalMime.parse(headerOf(mime));
  const sender =
    from === undefined ? (header.sender?.address ?? header.from?.address) : addressesOf(parse(from))[0];
  const fromOptions = to.flatMap(text => addressesOf(parse(text)));
  const fromHeader = addressesOf([...(header.to ?? []), ...(header.cc ?? []), ...(header.bcc ?? [])]);
  const recipients = [...new Set(to.length === 0 ? fromHeader : fromOptions)];
  if (recipients.length === 0) throw new CommandFailure('The message has no recipients: add --to ADDRESS.');
  return { sender: sender ?? '', recipients };
}

/** The header of a message: only this part is parsed. */
function headerOf(mime: Buffer): Buffer {
  const end = /\r?\n\r?\n/.exec(mime.toString('latin1'));
  return end === null ? mime : mime.subarray(0, end.index);
}

function parse(text: string): Address[] {
  return addressParser(text);
}

/** Includes the members of groups. */
function addressesOf(addresses: readonly Address[]): string[] {
  return addresses.flatMap(({ address, group }) => {
    if (group !== undefined) return addressesOf(group);
    return address === undefined || address === '' ? [] : [address];
  });
}
