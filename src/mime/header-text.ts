import { trimBlanks } from '../core/blanks.ts';
import { putEncodedWords } from './encoded-word.ts';
import { beginField, endLine, type HeaderWriter, putWord, refuseLineBreaks } from './header-writer.ts';

// Blanks that stand alone are where a line may be folded; longer runs of them stay inside a word, because readers
// differ in what they make of a fold there.
const WORD_BREAK = /(?<=[^ \t]) (?=[^ \t])/;
const UNPRINTABLE = /[^\t -~]/;
const LONGEST_PLAIN_WORD = 900;
/** Plain text up to this long between two encoded-words costs less inside them than ending one and starting another. */
const BRIDGE = 12;

/**
 * Writes a field of unstructured text (RFC 5322 3.6.5): plain where it can be, encoded-words where it must. Blanks at the
 * ends, which mean nothing there, are dropped.
 */
export function putTextField(header: HeaderWriter, name: string, value: string): void {
  beginField(header, name);
  putText(header, trimBlanks(value));
  endLine(header);
}

/** Whether a reader could take part of a plain text for an encoded-word. */
function looksEncoded(text: string): boolean {
  const start = text.indexOf('=?');
  return start >= 0 && text.indexOf('?=', start + 2) >= 0;
}

function putText(header: HeaderWriter, text: string): void {
  if (text === '') return;
  refuseLineBreaks(text);
  const isRisky = looksEncoded(text);
  const words = text.split(WORD_BREAK);
  const mustEncode = (word: string) =>
    UNPRINTABLE.test(word) || word.length > LONGEST_PLAIN_WORD || (isRisky && /=\?|\?=/.test(word));
  for (let i = 0; i < words.length; ) {
    const word = words[i] ?? '';
    if (mustEncode(word)) {
      const end = endOfRun(words, i, mustEncode);
      putEncodedWords(header, words.slice(i, end).join(' '));
      i = end;
    } else {
      putWord(header, word);
      i++;
    }
  }
}

/** Where the run of words ends that go into encoded-words together, short plain words between them included. */
function endOfRun(words: readonly string[], start: number, mustEncode: (word: string) => boolean): number {
  let end = start + 1;
  let bridge = 0;
  for (let i = end; i < words.length && bridge <= BRIDGE; i++) {
    const word = words[i] ?? '';
    if (mustEncode(word)) {
      end = i + 1;
      bridge = 0;
    } else {
      bridge += word.length + 1;
    }
  }
  return end;
}
