import { MARKER, PLACEHOLDER } from './stamp.ts';

/** An API through which the bench submits mail. */
export type Api = 'messages' | 'v1';

/** The path that accepts messages, for each API. */
export const PATHS: Readonly<Record<Api, string>> = { messages: '/messages', v1: '/v1/messages' };

const TEXT_BYTES = 2_260;
const HTML_BYTES = 4_320;
const ATTACHMENT_BYTES = 100 * 1024;
const WORDS =
  'order your the shipped items will please reply before if with thank for this of looks by is twelve delivery address';
const STYLE = 'body{font-family:Arial,sans-serif;color:#222}td{padding:8px}';
const CELL = 'border-bottom:1px solid #eee';

/**
 * The body of a request that submits one message, with placeholders for its number. It has 2.2 KiB of text and 4.2 KiB
 * of HTML with some non-ASCII characters: about 6.9 KB in total. An attachment adds 100 KiB of random bytes. The result is
 * always the same.
 */
export function createJob(hasAttachment: boolean): Buffer {
  const random = createRandom(1);
  const message = {
    from: 'Shop <shop@bench.test>',
    to: ['rcpt@sink.test'],
    subject: `Your order ${PLACEHOLDER} – thank you`,
    text: createText(random),
    html: createHtml(random),
    ...(hasAttachment && { attachments: [createAttachment(random)] }),
  };
  return Buffer.from(JSON.stringify(message));
}

type Random = (below: number) => number;

/** Returns the same numbers each time. The high bits of a linear congruential generator are random enough here. */
function createRandom(seed: number): Random {
  let state = seed;
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function createText(random: Random): string {
  let text = `Reference: ${MARKER}${PLACEHOLDER}\n\n`;
  while (text.length < TEXT_BYTES) text += `${sentence(random, 55)}.\n\n`;
  return `${text.slice(0, TEXT_BYTES - 1)}\n`;
}

function createHtml(random: Random): string {
  const head = `<!doctype html><html><head><meta charset="utf-8"><style>${STYLE}</style></head><body><table width="600">`;
  const foot = `</table><p>${MARKER}${PLACEHOLDER}</p></body></html>`;
  let rows = '';
  const size = () => Buffer.byteLength(head + rows + foot);
  while (size() < HTML_BYTES - 250) rows += row(random);
  return head + rows + foot.replace('<p>', `<p>${sentence(random, 80).slice(0, HTML_BYTES - size())}`);
}

function row(random: Random): string {
  const url = `https://shop.example.com/o/${random(1e9)}?utm_source=mail&utm_medium=x`;
  const price = `€ ${100 + random(900)}.00`;
  return `<tr><td style="${CELL}"><a href="${url}">${sentence(random, 11)}</a></td><td align="right">${price}</td></tr>\n`;
}

function sentence(random: Random, words: number): string {
  const list = WORDS.split(' ');
  return Array.from({ length: words }, () => list[random(list.length)]).join(' ');
}

function createAttachment(random: Random): object {
  const bytes = Buffer.from(Array.from({ length: ATTACHMENT_BYTES }, () => random(256)));
  return { filename: 'invoice.pdf', contentType: 'application/pdf', content: bytes.toString('base64') };
}
