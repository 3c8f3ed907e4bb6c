import type { Parcel } from '../delivery/transport.ts';
import { decodeWords } from '../mime/decode-words.ts';
import { headerEnd, rawFields, rawName, rawValue } from '../mime/raw-header.ts';
import { safeForTerminal } from './command-output.ts';

/** Prints a line for each message in the inbox. */
export interface Feed {
  add(parcel: Parcel): void;
}

export interface FeedContext {
  readonly write: (line: string) => void;
  readonly now: () => Date;
}

/** The most lines in a second: a slow terminal must not delay the mail. */
const LINES_PER_SECOND = 20;
const SECOND_MS = 1000;

/** Creates a feed that prints at most 20 lines a second, and the number of skipped messages. */
export function createFeed({ write, now }: FeedContext): Feed {
  let printed = 0;
  let skipped = 0;

  function startNextSecond(): void {
    if (skipped > 0) write(`           … and ${skipped} more`);
    printed = 0;
    skipped = 0;
  }

  return {
    add(parcel) {
      if (printed === 0) setTimeout(startNextSecond, SECOND_MS).unref();
      if (printed < LINES_PER_SECOND) {
        printed += 1;
        write(lineOf(parcel, now()));
      } else {
        skipped += 1;
      }
    },
  };
}

/** `12:04:31  shop@example.com → bob@example.org and 2 more  Hello` */
export function lineOf({ envelope, mime }: Parcel, at: Date): string {
  const [first = '', ...others] = envelope.recipients;
  const to = others.length === 0 ? first : `${first} and ${others.length} more`;
  const time = at.toTimeString().slice(0, 8);
  return `${time}  ${envelope.sender || '<>'} → ${to}  ${safeForTerminal(subjectOf(mime)) || '(no subject)'}`;
}

function subjectOf(mime: Buffer): string {
  for (const field of rawFields(mime, 0, headerEnd(mime))) {
    if (rawName(mime, field) === 'subject') return decodeWords(rawValue(mime, field));
  }
  return '';
}
