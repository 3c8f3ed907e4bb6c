import PostalMime, { type Address, addressParser } from 'postal-mime';
import { CommandFailure } from './command-failure.ts';

/** Who sends a composed message to whom: what the command line says, else what its header says. */
export async function envelopeOf(
  mime: Buffer,
  from: string | undefined,
  to: readonly string[],
): Promise<{ sender: string; recipients: readonly string[] }> {
  const header = await PostalMime.parse(headerOf(mime));
  const sender =
    from === undefined ? (header.sender?.address ?? header.from?.address) : addressesOf(parse(from))[0];
  const written = to.flatMap(text => addressesOf(parse(text)));
  const named = addressesOf([...(header.to ?? []), ...(header.cc ?? []), ...(header.bcc ?? [])]);
  const recipients = [...new Set(to.length === 0 ? named : written)];
  if (recipients.length === 0) throw new CommandFailure('The message names no recipient: add --to ADDRESS.');
  return { sender: sender ?? '', recipients };
}

/** Everything up to the first empty line: attachments are none of our business here. */
function headerOf(mime: Buffer): Buffer {
  const end = /\r?\n\r?\n/.exec(mime.toString('latin1'));
  return end === null ? mime : mime.subarray(0, end.index);
}

function parse(text: string): Address[] {
  return addressParser(text);
}

/** Those of groups too. */
function addressesOf(addresses: readonly Address[]): string[] {
  return addresses.flatMap(({ address, group }) => {
    if (group !== undefined) return addressesOf(group);
    return address === undefined || address === '' ? [] : [address];
  });
}
