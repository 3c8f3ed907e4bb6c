import type { Problem } from '../core/errors.ts';
import { rangeProblem } from './host-list.ts';
import type { Config } from './schema.ts';
import { parseSecretKey } from './secret-key.ts';
import { parseSmarthost } from './smarthost.ts';

/** What is wrong with a configuration whose fields are well-formed, each on its own and between one another. */
export function checkConfig(config: Config): Problem[] {
  return [
    ...rangeProblems('http.trustedNetworks', config.http.trustedNetworks),
    ...rangeProblems('http.trustedProxies', config.http.trustedProxies),
    ...problem('store', storeProblem(config.store)),
    ...problem('secretKey', secretKeyProblem(config.secretKey)),
    ...problem('smarthost', smarthostProblem(config)),
    ...problem('delivery.expiryMs', expiryProblem(config)),
  ];
}

function problem(field: string, message: string | undefined): Problem[] {
  return message === undefined ? [] : [{ field, message }];
}

function rangeProblems(field: string, ranges: readonly string[]): Problem[] {
  return ranges.flatMap(range => problem(field, rangeProblem(range)));
}

function storeProblem(store: string): string | undefined {
  if (/^sqlite:./.test(store)) return undefined;
  if (/^postgres(ql)?:/.test(store)) {
    return 'names PostgreSQL, which this version cannot use: it stores in SQLite only, sqlite:PATH';
  }
  return 'must be sqlite:PATH';
}

function secretKeyProblem(secretKey: string | undefined): string | undefined {
  if (secretKey === undefined || parseSecretKey(secretKey) !== undefined) return undefined;
  return 'must be 32 bytes in base64 or hex (openssl rand -base64 32 makes one), found something else (not shown)';
}

function smarthostProblem({ smarthost, allowClearText }: Config): string | undefined {
  const parsed = smarthost === undefined ? undefined : parseSmarthost(smarthost, allowClearText);
  return typeof parsed === 'string' ? parsed : undefined;
}

function expiryProblem({ delivery }: Config): string | undefined {
  if (delivery.expiryMs <= delivery.maxExpiryMs) return undefined;
  return `must not be longer than delivery.maxExpiryMs (${delivery.maxExpiryMs} ms), found ${delivery.expiryMs} ms`;
}
