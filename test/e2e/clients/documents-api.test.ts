import { beforeAll, describe, expect, test } from 'vitest';
import { readDocuments } from '../../helpers/documents/documents.ts';
import { startGate } from '../../helpers/gates/gate.ts';

// What the documents say about /v1, held against the description that a gate gives of itself.

describe('the API of a gate', () => {
  let api: OpenApi;
  beforeAll(async () => {
    const gate = await startGate();
    try {
      api = (await (await fetch(`${gate.http}/openapi.json`)).json()) as OpenApi;
    } finally {
      await gate.stop();
    }
  });

  test('has every call of /v1 that a document names', () => {
    const calls = readDocuments().flatMap(({ text }) => [...text.matchAll(/\b([A-Z]+) (\/v1\/[\w/{}-]*)/g)]);
    expect(calls.length).toBeGreaterThan(30);
    const unknown = calls.filter(([, method = '', path = '']) => !hasCall(api, method, path));
    expect(unknown.map(([call]) => call)).toEqual([]);
  });

  test('has every field of a message that docs/coming-from.md names', () => {
    const { text } = readDocuments().find(({ path }) => path === 'docs/coming-from.md') ?? { text: '' };
    const cells = text.split('\n').flatMap(line => /^\| .*? \| (`.*?) \|/.exec(line)?.[1] ?? []);
    const fields = cells.flatMap(cell => cell.match(/(?<=`)[a-z]\w*(?=(?:\[\][.\w]*)?`)/gi) ?? []);
    expect(fields.length).toBeGreaterThan(50);
    const known = [...fieldsOf(api), ...WORDS];
    expect([...new Set(fields)].filter(field => !known.includes(field))).toEqual([]);
  });
});

/** In the same tables: events, and fields of answers. */
const WORDS = ['delivered', 'bounced', 'failed', 'deferred', 'id'];

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** A document may have a name of its own for the parameter of a path. */
function hasCall({ paths }: OpenApi, method: string, path: string): boolean {
  const plain = (text: string) => text.replaceAll(/\{\w*\}/g, '{}').replace(/\/$/, '');
  const found = Object.keys(paths).find(known => plain(known) === plain(path));
  return found !== undefined && method.toLowerCase() in (paths[found] ?? {});
}

interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly [name: string]: unknown;
}

/** The fields of what `POST /v1/messages` takes. */
function fieldsOf(api: OpenApi): readonly string[] {
  const media = ['paths', '/v1/messages', 'post', 'requestBody', 'content', 'application/json', 'schema'];
  const schema = at(api, media) as Schema;
  const { properties = {} } =
    schema.$ref === undefined ? schema : (at(api, schema.$ref.split('/').slice(1)) as Schema);
  return Object.keys(properties);
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inside, name) => (inside as Readonly<Record<string, unknown>>)[name], value);
}
