import { AppError } from '../core/errors.ts';
import type { Dialect } from '../dialects/dialect.ts';

/** Returns the dialect that answers for a path, known or unknown. The last dialect owns every path. */
export function ownerOf(dialects: readonly Dialect[], path: string): Dialect {
  const owner = dialects.find(dialect => dialect.owns(path));
  if (owner === undefined) throw new Error(`no dialect owns ${path}; the last one must own every path`);
  return owner;
}

/** Adds HEAD to GET. */
export function withHead<Method extends string>(method: Method): (Method | 'HEAD')[] {
  return method === 'GET' ? [method, 'HEAD'] : [method];
}

/** Returns the error of a request without a route: the path does not exist, or it exists with other methods. */
export function unroutedError(
  routes: readonly { readonly method: string; readonly path: string }[],
  path: string,
  hasOptions: boolean,
): AppError {
  const segments = path.split('/');
  const methods = routes.filter(route => isMatch(route.path.split('/'), segments)).map(route => route.method);
  const useful = [...new Set(methods)].flatMap(withHead);
  if (useful.length === 0) return new AppError('not_found', 'There is nothing at this path.');
  const allow = hasOptions ? [...useful, 'OPTIONS'] : useful;
  return new AppError('method_not_allowed', `Use ${useful.join(' or ')} here.`, { allow });
}

function isMatch(pattern: readonly string[], segments: readonly string[]): boolean {
  if (pattern.length !== segments.length) return false;
  return pattern.every((part, at) => (part.startsWith(':') ? segments[at] !== '' : part === segments[at]));
}
