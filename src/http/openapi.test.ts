import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, test } from 'vitest';
import { createDialects } from '../dialects/dialects.ts';
import { docsPage } from './docs-page.ts';
import { openApi } from './openapi.ts';

const dialects = createDialects({ inbox: 1 });
const api = openApi(dialects, '1.2.3');
const operations = Object.values(api.paths).flatMap(methods => Object.values(methods));

describe('the OpenAPI document', () => {
  test('has every route, with its path parameters', () => {
    for (const { method, path } of dialects.flatMap(dialect => dialect.routes)) {
      const operation = api.paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
      const named = operation?.parameters
        .filter(parameter => parameter.in === 'path')
        .map(({ name }) => name);
      expect(named, `${method} ${path}`).toEqual([...path.matchAll(/:(\w+)/g)].map(([, name]) => name));
    }
  });

  test('is a valid OpenAPI 3.1 document', async () => {
    const validator = new Validator();
    const result = await validator.validate(structuredClone(JSON.parse(JSON.stringify(api))));
    expect(result.errors).toBeUndefined();
    expect(result.valid).toBe(true);
    expect(validator.version).toBe('3.1');
  });

  test('has a unique id for every operation', () => {
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain('post-v1-messages');
  });

  test('describes a success and an error of every operation', () => {
    for (const { responses, operationId } of operations) {
      const statuses = Object.keys(responses);
      expect(statuses.at(-1), operationId).toBe('default');
      expect(statuses[0], operationId).toMatch(/^2\d\d$/);
    }
  });

  test('is JSON that contains the schemas', () => {
    const text = JSON.stringify(api);
    expect(JSON.parse(text)).toEqual(api);
    expect(text).not.toContain('"~');
    expect(text).toContain('"maxLength":998');
  });
});

describe('the HTML page of the OpenAPI document', () => {
  const page = docsPage(api);

  test('shows every operation', () => {
    for (const { summary } of operations) expect(page.body).toContain(summary.replaceAll("'", '&#39;'));
  });

  test('has no script and no external files', () => {
    expect(page.body).not.toMatch(/<script|<link|<img|src=|@import|url\(|\son\w+=/i);
    expect(page.headers?.['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'/,
    );
  });
});
