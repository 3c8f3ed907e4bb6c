import { type HeaderWriter, putMark, putWord, refuseLineBreaks } from './header-writer.ts';

const SIMPLE = /^[ !#-[\]-~]{0,60}$/; // printable ASCII that needs no backslash in quotes
const ATTRIBUTE_CHAR = /^[A-Za-z0-9!#$&+\-.^_`{|}~]$/; // RFC 2231 7, without the characters of its syntax
const SECTION = 56;

/**
 * Appends `; name="value"` to a field. A value that is not short plain ASCII is percent-encoded (RFC 2231), in numbered
 * sections if it is long. There is no additional plain `name=`: some readers use the first of two, which would be that.
 */
export function putParameter(header: HeaderWriter, name: string, value: string): void {
  if (SIMPLE.test(value)) {
    putMark(header, ';');
    putWord(header, `${name}="${value}"`);
    return;
  }
  const sections = percentSections(value);
  sections.forEach((section, index) => {
    const charset = index === 0 ? "utf-8''" : '';
    putMark(header, ';');
    putWord(header, `${name}${sections.length > 1 ? `*${index}` : ''}*=${charset}${section}`);
  });
}

/** Splits the percent-encoded value into sections. A code point is never split. */
function percentSections(value: string): string[] {
  refuseLineBreaks(value);
  const sections: string[] = [];
  let section = '';
  for (const char of value) {
    const encoded = ATTRIBUTE_CHAR.test(char) ? char : percentEncode(char);
    if (section.length + encoded.length > SECTION) {
      sections.push(section);
      section = '';
    }
    section += encoded;
  }
  sections.push(section);
  return sections;
}

function percentEncode(char: string): string {
  const hex = Buffer.from(char).toString('hex').toUpperCase();
  return hex.replace(/../g, '%$&');
}
