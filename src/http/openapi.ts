import type { Dialect, Route, RouteDescription } from '../dialects/dialect.ts';
import { present } from '../dialects/present.ts';

/** The part of an OpenAPI 3.1 document that the gate writes. */
export interface OpenApi {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly security: readonly object[];
  readonly components: { readonly securitySchemes: object };
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly parameters: readonly OpenApiParameter[];
  readonly requestBody?: {
    readonly required: true;
    readonly content: Readonly<Record<string, { schema: object }>>;
  };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: object }>>;
}

export interface OpenApiParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: { readonly type: 'string' };
}

/** Describes every route that has a description. */
export function openApi(dialects: readonly Dialect[], version: string): OpenApi {
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const dialect of dialects) {
    for (const route of dialect.routes) {
      if (route.description === undefined) continue;
      const path = route.path.replace(/:(\w+)/g, '{$1}');
      paths[path] = {
        ...paths[path],
        [route.method.toLowerCase()]: toOperation(dialect, route, route.description),
      };
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Postern',
      version,
      description: 'A self-hosted gate for all the email that software sends.',
    },
    security: [{ bearer: [] }, { basic: [] }],
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'A key' },
        basic: { type: 'http', scheme: 'basic', description: 'Any user name, and a key as password' },
      },
    },
    paths,
  };
}

function toOperation(dialect: Dialect, route: Route, description: RouteDescription): OpenApiOperation {
  const { tag, summary, body } = description;
  return {
    operationId: `${route.method.toLowerCase()}${route.path}`.replace(/\W+/g, '-'),
    tags: [tag],
    summary,
    ...present({ description: description.description }),
    parameters: toParameters(route.path, description),
    ...(body !== undefined && {
      requestBody: { required: true, content: { 'application/json': { schema: body } } },
    }),
    responses: toResponses(dialect, description),
  };
}

function toParameters(path: string, { query = {}, headers = {} }: RouteDescription): OpenApiParameter[] {
  const schema = { type: 'string' } as const;
  const described = (place: 'query' | 'header', parameters: Readonly<Record<string, string>>) =>
    Object.entries(parameters).map(([name, text]) => ({
      name,
      in: place,
      required: false,
      description: text,
      schema,
    }));
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path' as const,
    required: true,
    schema,
  }));
  return [...inPath, ...described('query', query), ...described('header', headers)];
}

function toResponses(dialect: Dialect, { replies }: RouteDescription): OpenApiOperation['responses'] {
  const responses: Record<string, { description: string; content?: object }> = {};
  for (const [status, { description, schema }] of Object.entries(replies)) {
    responses[status] = {
      description,
      ...(schema !== undefined && { content: { 'application/json': { schema } } }),
    };
  }
  const content =
    dialect.errorSchema === undefined
      ? { 'text/plain': { schema: { type: 'string' } } }
      : { 'application/json': { schema: dialect.errorSchema } };
  return { ...responses, default: { description: 'A refusal; nothing was accepted', content } };
}
