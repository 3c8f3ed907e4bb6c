import fc from 'fast-check';

/** Addresses of `.test`. */
export const address = fc
  .tuple(
    fc.stringMatching(/^[a-z0-9]{1,12}(\+[a-z]{1,5})?$/),
    fc.stringMatching(/^[a-z]{1,12}(\.[a-z]{2,5})?$/),
  )
  .map(([local, domain]) => `${local}@${domain}.test`);

/** Display names without what means something in a header field. */
export const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .map(text => `N${text.replace(/[\p{C}\p{Z}"\\<>()@,;:]/gu, '')}`);

const nameAndAddress = fc.record({ name, address });
/** `Name <address>`, or the address alone. */
export const mailboxText = fc.oneof(
  address,
  nameAndAddress.map(parts => `"${parts.name}" <${parts.address}>`),
);
/** The same, or an object of both. */
export const mailbox = fc.oneof(mailboxText, nameAndAddress);
/** One mailbox or several. */
export const mailboxes = fc.oneof(mailbox, fc.array(mailbox, { minLength: 1, maxLength: 5 }));
/** Any Unicode without line breaks. */
export const line = fc
  .string({ unit: 'grapheme', maxLength: 60 })
  .map(text => text.replace(/[\r\n\0]/g, ' '));
/** Bodies of all kinds. */
export const text = fc.oneof(
  fc.array(line, { maxLength: 10 }).map(lines => lines.join('\n')),
  fc
    .string({ unit: 'binary', maxLength: 200 })
    .map(characters => characters.replaceAll('\0', '').toWellFormed()),
  fc.string({ maxLength: 50 }).map(part => `${part.replaceAll('\0', '')}.`.repeat(60)),
);
