import type { Address, Mailbox } from '../../../src/core/address.ts';
import type { Attachment, Content } from '../../../src/core/message.ts';
import type { Frame } from '../../../src/mime/frame.ts';
import { ALPHABET_NAMES, createRandom, type Random, textOf } from './mime-alphabets.ts';

/** A content to compose, and how; `name` says what is special about it. */
export interface CorpusCase {
  readonly name: string;
  readonly content: Content;
  readonly rules: Pick<Frame, 'textEncoding' | 'eightBit'>;
}

const MODES: readonly CorpusCase['rules'][] = [{}, { textEncoding: 'quoted-printable' }, { eightBit: true }];

const LINE_SHAPES: Readonly<Record<string, string>> = {
  'no line': '',
  'one line end': '\n',
  'only line ends': '\n\n\r\n\r\n\n',
  'no final line end': 'first\nlast',
  'lone dots': '.\n..\n...\nx\n.\n',
  'From lines': 'From here\nfrom there\nFrom\nFrom \n>From x\n',
  'trailing blanks': 'a \nb  \nc\t\n \n\t\n  end ',
  'tabs and runs of blanks': '\tone\n\t\ttwo   three\t\tfour\n    five\n',
  'mixed line ends': 'a\rb\nc\r\nd\r\re\n\nf\r\n\r\ng\n\rh',
  'equals signs': '=\n==\n=3D\n=20\n a=b=c =\n',
  'lines around the limits': [73, 74, 75, 76, 77, 78, 79, 80, 152].map(n => 'x'.repeat(n)).join('\n'),
  'blanks at the soft break': [73, 74, 75, 76, 77]
    .map(n => `${'x'.repeat(n)} \n${'x'.repeat(n)} y`)
    .join('\n'),
  'lines of 997, 998 and 999': [997, 998, 999].map(n => 'y'.repeat(n)).join('\r\n'),
  'one line of 20,000': 'long line '.repeat(2000),
  'long lines beyond ASCII': `${'ä'.repeat(600)}\n${'漢字'.repeat(400)}\n`,
  'odd characters': 'a\u0001b\u0007c\u001bd\u007fe\u0085f\u00a0g\u2028h\ufeffi\ufffd\n',
  'what looks like a boundary': '--=_token0token0token0_1\n--=_token0token0token0_1--\n',
};

/** Several hundred contents: structures, alphabets, line shapes, names, subjects, file names, sizes. */
export function createCorpus(seed: number): CorpusCase[] {
  const random = createRandom(seed);
  return [
    ...structures(random),
    ...lineShapes(),
    ...subjects(random),
    ...names(random),
    ...fileNames(random),
    ...attachmentSizes(random),
  ];
}

function structures(random: Random): CorpusCase[] {
  const cases: CorpusCase[] = [];
  for (const alphabet of ALPHABET_NAMES) {
    for (let shape = 0; shape < 16; shape++) {
      const line = () => textOf(random, alphabet, 5 + random(120));
      const has = (bit: number) => (shape & bit) !== 0;
      const cid = `image${shape}@corpus.test`;
      const content = contentWith({
        subject: line(),
        ...(has(1) && { text: `${line()}\n\n${line()}\n` }),
        ...(has(2) && { html: `<p>${line()}</p>\n<img src="cid:${cid}">\n` }),
        attachments: [
          ...(has(4) ? [file(random, 'notes.bin', 100)] : []),
          ...(has(8) ? [{ ...file(random, 'image.png', 200), contentType: 'image/png', cid }] : []),
        ],
      });
      const parts =
        ['text', 'html', 'file', 'inline'].filter((_, bit) => has(1 << bit)).join(' + ') || 'nothing';
      cases.push({ name: `${alphabet}: ${parts}`, content, rules: MODES[cases.length % MODES.length] ?? {} });
    }
  }
  return cases;
}

function lineShapes(): CorpusCase[] {
  return Object.entries(LINE_SHAPES).flatMap(([name, text]) =>
    MODES.flatMap(rules => [
      { name: `text of ${name}, ${JSON.stringify(rules)}`, content: contentWith({ text }), rules },
      {
        name: `text and html of ${name}, ${JSON.stringify(rules)}`,
        content: contentWith({ text, html: text }),
        rules,
      },
    ]),
  );
}

function subjects(random: Random): CorpusCase[] {
  const cases: CorpusCase[] = [];
  for (const alphabet of ALPHABET_NAMES) {
    for (let length = random(5); length <= 300; length += 3 + random(14)) {
      const subject = textOf(random, alphabet, length);
      const headers = [
        { name: 'X-Corpus', value: textOf(random, alphabet, length) },
        { name: `X-${'Long'.repeat(random(16))}`, value: textOf(random, alphabet, length) },
      ];
      const content = contentWith({ subject, headers, text: subject });
      cases.push({ name: `subject of ${length} in ${alphabet}`, content, rules: {} });
    }
  }
  return cases;
}

function names(random: Random): CorpusCase[] {
  const cases: CorpusCase[] = [];
  for (const alphabet of ALPHABET_NAMES) {
    for (const length of [1, 2, 10, 30, 60, 75, 100, 200]) {
      const some = (count: number, domain: string): Mailbox[] =>
        Array.from({ length: count }, (_, i) =>
          random(4) === 0
            ? mailbox(`user${i}@${domain}`)
            : mailbox(`user${i}@${domain}`, textOf(random, alphabet, length)),
        );
      const content = contentWith({
        from: mailbox('from@corpus.test', textOf(random, alphabet, length)),
        sender: mailbox('sender@corpus.test', textOf(random, alphabet, length)),
        to: some(1 + random(40), 'to.corpus.test'),
        cc: some(random(5), 'cc.corpus.test'),
        replyTo: some(random(3), `${'very-long-label.'.repeat(random(9))}corpus.test`),
      });
      cases.push({ name: `names of ${length} in ${alphabet}`, content, rules: {} });
    }
  }
  return cases;
}

function fileNames(random: Random): CorpusCase[] {
  const cases: CorpusCase[] = [];
  for (const alphabet of ALPHABET_NAMES) {
    for (const length of [1, 3, 20, 50, 60, 61, 120, 255]) {
      const filename = `${textOf(random, alphabet, length)}.pdf`;
      const attachments = [{ ...file(random, filename, 20), contentType: 'application/pdf' }];
      cases.push({
        name: `file name of ${length} in ${alphabet}`,
        content: contentWith({ attachments }),
        rules: {},
      });
    }
  }
  return cases;
}

function attachmentSizes(random: Random): CorpusCase[] {
  const sizes = [
    0,
    1,
    2,
    3,
    56,
    57,
    58,
    75,
    76,
    77,
    113,
    114,
    115,
    152,
    29_183,
    29_184,
    29_185,
    76 * 760,
    102_400,
  ];
  return sizes.flatMap(size => {
    const octets = octetsOf(random, size);
    const base64 = octets.toString('base64');
    const forms: Record<string, Attachment['content']> = {
      octets: new Uint8Array(octets),
      base64,
      'base64 in lines of 76': base64.replace(/.{76}/g, '$&\r\n'),
      'base64 in lines of 60': base64.replace(/.{60}/g, '$&\n'),
    };
    return Object.entries(forms).map(([form, content]) => ({
      name: `a file of ${size} as ${form}`,
      content: contentWith({
        text: 'See the file.',
        attachments: [{ filename: 'data.bin', contentType: 'application/octet-stream', content }],
      }),
      rules: {},
    }));
  });
}

function contentWith(part: Partial<Content>): Content {
  return {
    from: mailbox('shop@corpus.test', 'Shop'),
    to: [mailbox('rcpt@corpus.test')],
    cc: [],
    replyTo: [],
    subject: 'Corpus',
    attachments: [],
    headers: [],
    ...part,
  };
}

function mailbox(address: string, name?: string): Mailbox {
  return { address: address as Address, ...(name !== undefined && { name }) };
}

function file(random: Random, filename: string, size: number): Attachment {
  return {
    filename,
    contentType: 'application/octet-stream',
    content: octetsOf(random, size).toString('base64'),
  };
}

function octetsOf(random: Random, size: number): Buffer {
  return Buffer.from(Array.from({ length: size }, () => random(256)));
}
