import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cpuMsOf } from '../../../test/helpers/programs/cpu-time.ts';
import { mutated } from '../../../test/suites/dialect.ts';
import { AppError } from '../../core/errors.ts';
import { readFields } from './read-body.ts';
import { textOf } from './values.ts';

const FORM = 'application/x-www-form-urlencoded';

function read(body: string | Buffer, contentType = FORM) {
  return readFields({ body: Buffer.from(body as string), headers: { 'content-type': contentType } });
}

/** The texts of a form's fields, objects as they are nested. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  const text = textOf(value);
  if (text !== undefined || typeof value !== 'object' || value === null) return text;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item)]));
}

const names = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  .filter(name => !/[[\]\p{Cs}]/u.test(name));
const texts = fc.string({ unit: 'grapheme' }).filter(text => text.isWellFormed());

describe('readFields with a form', () => {
  test.each([
    ['a=1&b=2&', { a: '1', b: '2' }],
    ['&&a&=b&c=', { a: '', '': 'b', c: '' }],
    ['a=1=2', { a: '1=2' }],
    ['a=b c+d%20e', { a: 'b c d e' }],
    ['a=%&b=%4&c=%4g&d=%zz&e=%41', { a: '%', b: '%4', c: '%4g', d: '%zz', e: 'A' }],
    ['a=%C3%A4&%C3%A4=%E4', { a: 'ä', ä: 'ä' }],
    ['a=1&a=2&a=3', { a: ['1', '2', '3'] }],
    ['a[]=1&a[]=2', { a: { 0: '1', 1: '2' } }],
    ['a[0][name]=x&a[0][type]=y&a[1][name]=z', { a: { 0: { name: 'x', type: 'y' }, 1: { name: 'z' } } }],
    ['a=1&a[b]=2', { a: ['1', { b: '2' }] }],
    ['a[b][c][d]=1&a]=2&[b]=3&a[b=4', { 'a[b][c][d]': '1', 'a]': '2', '[b]': '3', 'a[b': '4' }],
  ])('parses %j', (body, fields) => {
    expect(plain(read(body))).toEqual(fields);
  });

  test('returns no inherited fields', () => {
    const fields = read('__proto__[subject]=evil&constructor[x]=y&a[__proto__][b]=c');
    expect(Object.keys(fields)).toEqual(['__proto__', 'constructor', 'a']);
    expect(fields['subject']).toBeUndefined();
    expect(({} as Record<string, unknown>)['b']).toBeUndefined();
  });

  test('parses the output of URLSearchParams', () => {
    fc.assert(
      fc.property(fc.dictionary(names, texts, { maxKeys: 20 }), fields => {
        expect(plain(read(new URLSearchParams(fields).toString()))).toEqual({ ...fields });
      }),
    );
  });

  test('parses several megabytes in linear time', () => {
    const work = () => {
      expect(textOf(read(`a=${'%41'.repeat(1_000_000)}`)['a'])).toHaveLength(1_000_000);
      expect(() => read('&'.repeat(1_000_000))).not.toThrow();
    };
    expect(cpuMsOf(work)).toBeLessThan(10_000);
  });
});

describe('readFields with a multipart form', () => {
  const boundary = 'multipart/form-data; boundary=b';
  const part = (header: string, body: string) => `--b\r\n${header}\r\n\r\n${body}\r\n`;

  test.each([
    [
      'with a preamble and an epilogue',
      `x\r\n${part('Content-Disposition: form-data; name="a"', '1')}--b--\r\nx`,
    ],
    ['with other headers', `${part('X: y\r\ncontent-disposition:form-data;name=a;x=y', '1')}--b--`],
    [
      'with a part that has no name',
      `${part('X: y', '2')}${part('Content-Disposition: form-data; name="a"', '1')}--b--`,
    ],
  ])('parses a form %s', (_description, body) => {
    expect(plain(read(body, boundary))).toEqual({ a: '1' });
  });

  test.each(['multipart/form-data; boundary="b"', 'Multipart/Form-Data; charset=utf-8; Boundary=b; x=y'])(
    'accepts the Content-Type %j',
    label => {
      expect(plain(read(`${part('Content-Disposition: form-data; name=a', '1')}--b--`, label))).toEqual({
        a: '1',
      });
    },
  );

  test.each([
    ['a backslash', '"\\"', '\\'],
    ['two backslashes', '"\\\\"', '\\\\'],
    ['a backslash within', '"a\\b"', 'a\\b'],
    ['a quote as browsers write it', '"a%22b"', 'a"b'],
    ['a quote with a backslash before it', '"a\\"b"', 'a"b'],
  ])('may have a name with %s', (_, written, name) => {
    const head = `Content-Disposition: form-data; name=${written}; filename="f"`;
    expect(Object.keys(read(`${part(head, '1')}--b--`, boundary))).toEqual([name]);
  });

  test('returns no fields without parts and for an empty body', () => {
    for (const body of ['--b--', '--b--\r\nepilogue', '']) expect(read(body, boundary)).toEqual({});
  });

  test.each(['--b', '--b\r\n', '--b\r\n\r\n', '--b\r\nX: y\r\n--b--', '--b\r\nX: y\r\n\r\n1', 'x', '{{'])(
    'refuses %j',
    body => {
      expect(() => read(body, boundary)).toThrow(/malformed/);
    },
  );

  test('parses the output of fetch, and keeps the bytes of files', async () => {
    const files = fc.uint8Array({ maxLength: 200 });
    const form = fc.dictionary(
      names.filter(name => !/[\r\n]/.test(name)),
      fc.oneof(texts, files),
      { maxKeys: 8 },
    );
    await fc.assert(
      fc.asyncProperty(form, async fields => {
        const data = new FormData();
        for (const [name, value] of Object.entries(fields)) {
          if (typeof value === 'string') data.append(name, value);
          else data.append(name, new Blob([Buffer.from(value)]), 'a "b".bin');
        }
        const request = new Response(data);
        const body = Buffer.from(await request.arrayBuffer());
        const found = read(body, request.headers.get('content-type') ?? '');
        expect(Object.keys(found)).toEqual(Object.keys(fields));
        for (const [name, value] of Object.entries(fields)) {
          if (typeof value === 'string')
            expect(textOf(found[name])).toBe(value.replace(/\r\n|\r|\n/g, '\r\n'));
          else expect(found[name]).toMatchObject({ filename: 'a "b".bin', octets: Buffer.from(value) });
        }
      }),
    );
  });
});

test('readFields throws only AppError for any body', () => {
  const good = [
    '--b\r\nContent-Disposition: form-data; name="a"; filename="f"\r\nContent-Type: x/y\r\n\r\n1\r\n--b--',
    '{"a":[{"b":1}]}',
    'a[b][c]=1&a[b]=%41&a=+',
  ];
  const label = fc.constantFrom(FORM, 'multipart/form-data; boundary=b', 'application/json');
  const bodies = fc.oneof(
    mutated(good.map(body => Buffer.from(body))),
    fc.uint8Array().map(bytes => Buffer.from(bytes)),
  );
  fc.assert(
    fc.property(bodies, label, (body, contentType) => {
      try {
        read(body, contentType);
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
      }
    }),
    { numRuns: 2_000 },
  );
});
