import { AppError } from '../core/errors.ts';
import type { Dialect } from '../dialects/dialect.ts';

/** The dialect that answers for a path, known or not; the last one owns every path. */
export function ownerOf(dialects: readonly Dialect[], path: string): Dialect {
  const owner = dialects.find(dialect => dialect.owns(path));
  if (owner === undefined) throw new Error(`no dialect owns ${path}; the last one must own every path`);
  return owner;
}

/** HEAD goes wherever GET goes. */
export function withHead<Method extends string>(method: Method): (Method | 'HEAD')[] {
  return method === 'GET' ? [method, 'HEAD'] : [method];
}

/** Why a request met no route: the path is not there, or its method is not one of those that are; OPTIONS may be one. */
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
