import { trimBlanks } from '../core/blanks.ts';
import { putEncodedWords } from './encoded-word.ts';
import { beginField, endLine, type HeaderWriter, putWord, refuseLineBreaks } from './header-writer.ts';

// A line may be folded at a single blank. Runs of blanks stay inside a word, because readers unfold them in different
// ways.
const WORD_BREAK = /(?<=[^ \t]) (?=[^ \t])/;
const UNPRINTABLE = /[^\t -~]/;
const LONGEST_PLAIN_WORD = 900;
/** Plain text up to this length between two encoded-words is encoded too: that is shorter than a second encoded-word. */
const BRIDGE = 12;

/**
 * Writes a field of unstructured text (RFC 5322 3.6.5): plain where possible, encoded-words where necessary. Blanks at the
 * ends are dropped, because they have no meaning there.
 */
export function putTextField(header: HeaderWriter, name: string, value: string): void {
  beginField(header, name);
  putText(header, trimBlanks(value));
  endLine(header);
}

/** Returns true if a reader could decode part of a plain text as an encoded-word. */
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

/** Returns the end of the words that are encoded together, including short plain words between them. */
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
