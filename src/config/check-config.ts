import { isAbsolute } from 'node:path';
import { parseDomain } from '../core/domain.ts';
import type { Problem } from '../core/errors.ts';
import type { Config } from './config-schema.ts';
import { parseDomainServer } from './domain-servers.ts';
import { checkRange } from './host-list.ts';
import { parseListener } from './listeners.ts';
import { parseSecretKeys } from './secret-key.ts';
import { parseSmarthost } from './smarthost.ts';

/** Checks what the type of a field cannot say, such as a path, a URL or two fields that depend on each other. */
export function checkConfig(config: Config): Problem[] {
  return [
    ...rangeProblems('http.trustedNetworks', config.http.trustedNetworks),
    ...rangeProblems('http.trustedProxies', config.http.trustedProxies),
    ...rangeProblems('smtp.trustedProxies', config.smtp.trustedProxies),
    ...problem('store', storeProblem(config.store)),
    ...problem('secretKey', secretKeyProblem(config.secretKey)),
    ...problem('smarthost', smarthostProblem(config)),
    ...problem('delivery.expiryMs', expiryProblem(config)),
    ...apiProblems(config),
    ...smtpProblems(config),
    ...smtpMailerProblems(config),
    ...tempMailProblems(config),
  ];
}

const APIS = ['powermta', 'turbosmtp', 'smtp-mailer', 'providers', 'temp-mail', 'inbox', 'v1'];

function apiProblems({ http, turbosmtp, pickup }: Config): Problem[] {
  const { directory } = pickup;
  return [
    ...http.apis.flatMap(name =>
      APIS.includes(name)
        ? []
        : problem('http.apis', `must contain only ${APIS.join(', ')}, found ${JSON.stringify(name)}`),
    ),
    ...problem(
      'turbosmtp.v1ErrorStatus',
      [200, 400].includes(turbosmtp.v1ErrorStatus) ? undefined : 'must be 400 or 200',
    ),
    ...problem(
      'pickup.directory',
      directory === undefined || isAbsolute(directory)
        ? undefined
        : `must be an absolute path, found ${JSON.stringify(directory)}`,
    ),
  ];
}

function smtpProblems({ smtp }: Config): Problem[] {
  const { certificateFile, certificateKeyFile } = smtp;
  const listeners = smtp.listeners.map(parseListener);
  const isCertificateMissing = listeners.some(
    listener => typeof listener !== 'string' && listener.isImplicitTls && certificateFile === undefined,
  );
  return [
    ...listeners.flatMap(parsed => (typeof parsed === 'string' ? problem('smtp.listeners', parsed) : [])),
    ...problem(
      'smtp.certificateFile',
      (certificateFile === undefined) === (certificateKeyFile === undefined)
        ? undefined
        : 'and smtp.certificateKeyFile must be set together',
    ),
    ...problem(
      'smtp.certificateFile',
      isCertificateMissing ? 'is required for smtps:// listeners' : undefined,
    ),
  ];
}

function smtpMailerProblems({ smtpMailer }: Config): Problem[] {
  const isPort = (text: string) => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
  return [
    ...smtpMailer.ports.flatMap(text =>
      isPort(text)
        ? []
        : problem(
            'smtpMailer.ports',
            `must contain only ports from 1 to 65535, found ${JSON.stringify(text)}`,
          ),
    ),
    ...smtpMailer.servers.flatMap(text => {
      const parsed = parseDomainServer(text);
      return typeof parsed === 'string' ? problem('smtpMailer.servers', parsed) : [];
    }),
  ];
}

function tempMailProblems({ tempMail }: Config): Problem[] {
  return [
    ...tempMail.domains.flatMap(domain => {
      const parsed = parseDomain(domain);
      return parsed.ok
        ? []
        : problem(
            'tempMail.domains',
            `must contain only domains, found ${JSON.stringify(domain)}: ${parsed.reason}`,
          );
    }),
    ...problem(
      'tempMail.jwtSecret',
      tempMail.domains.length > 0 && tempMail.jwtSecret === undefined
        ? 'is required if tempMail.domains is not empty'
        : undefined,
    ),
    ...problem('tempMail.namePattern', patternProblem(tempMail.namePattern)),
    ...problem(
      'tempMail.maxNameLength',
      tempMail.maxNameLength < tempMail.minNameLength
        ? 'must not be less than tempMail.minNameLength'
        : undefined,
    ),
  ];
}

function patternProblem(pattern: string): string | undefined {
  try {
    new RegExp(pattern, 'g');
    return undefined;
  } catch {
    return `must be a regular expression, found ${JSON.stringify(pattern)}`;
  }
}

function problem(field: string, message: string | undefined): Problem[] {
  return message === undefined ? [] : [{ field, message }];
}

function rangeProblems(field: string, ranges: readonly string[]): Problem[] {
  return ranges.flatMap(range => problem(field, checkRange(range)));
}

function storeProblem(store: string): string | undefined {
  if (/^sqlite:./.test(store)) return undefined;
  if (/^postgres(ql)?:\/\/./.test(store) && URL.canParse(store)) return undefined;
  // The value may contain a password: do not show it.
  return 'must be sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE';
}

function secretKeyProblem(secretKey: string | undefined): string | undefined {
  if (secretKey === undefined || parseSecretKeys(secretKey) !== undefined) return undefined;
  return 'must be 32 bytes in base64 or hex, such as the output of openssl rand -base64 32; found another value (not shown)';
}

function smarthostProblem({ smarthost, allowClearText }: Config): string | undefined {
  const parsed = smarthost === undefined ? undefined : parseSmarthost(smarthost, allowClearText);
  return typeof parsed === 'string' ? parsed : undefined;
}

function expiryProblem({ delivery }: Config): string | undefined {
  if (delivery.expiryMs <= delivery.maxExpiryMs) return undefined;
  return `must not be longer than delivery.maxExpiryMs (${delivery.maxExpiryMs} ms), found ${delivery.expiryMs} ms`;
}
