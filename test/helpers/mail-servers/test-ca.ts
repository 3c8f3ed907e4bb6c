import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** PEM of a certificate and its private key. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface TestCa {
  /** PEM of the authority itself: what a client is to trust. */
  readonly cert: string;
  /** A server certificate for these host names and IPv4 addresses, by default valid from yesterday to tomorrow. */
  issue(names: readonly string[], validity?: { from: Date; to: Date }): Certificate;
}

const DAY_MS = 86_400_000;

/** A certification authority that lives as long as the test; keys never touch the disk. */
export function createTestCa(name = 'Postern Test CA'): TestCa {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const validity = { from: new Date(Date.now() - DAY_MS), to: new Date(Date.now() + DAY_MS) };
  const issuer = { name, key: authority.privateKey };
  return {
    cert: certify(issuer, {
      name,
      publicKey: authority.publicKey,
      validity,
      extensions: [extension('2.5.29.19', sequence(TRUE)), extension('2.5.29.15', KEY_CERT_SIGN)],
    }),
    issue(names, given = validity) {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const cert = certify(issuer, {
        name: names[0] ?? '',
        publicKey,
        validity: given,
        extensions: [extension('2.5.29.17', sequence(...names.map(alternativeName)))],
      });
      return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
    },
  };
}

interface Subject {
  readonly name: string;
  readonly publicKey: KeyObject;
  readonly validity: { readonly from: Date; readonly to: Date };
  readonly extensions: readonly Buffer[];
}

/** RFC 5280 4.1, version 3, signed with ECDSA and SHA-256. */
function certify(issuer: { name: string; key: KeyObject }, subject: Subject): string {
  const algorithm = sequence(objectId('1.2.840.10045.4.3.2'));
  const toBeSigned = sequence(
    element(0xa0, element(0x02, Buffer.from([2]))),
    element(0x02, Buffer.from([1]), randomBytes(8)),
    algorithm,
    distinguishedName(issuer.name),
    sequence(utcTime(subject.validity.from), utcTime(subject.validity.to)),
    distinguishedName(subject.name),
    subject.publicKey.export({ type: 'spki', format: 'der' }),
    element(0xa3, sequence(...subject.extensions)),
  );
  const signature = sign('sha256', toBeSigned, issuer.key);
  const base64 = sequence(toBeSigned, algorithm, bitString(signature)).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}

// ——— DER ————————————————————————————————————————————————————————————————————————————————————————————————————

const TRUE = element(0x01, Buffer.from([0xff]));
const KEY_CERT_SIGN = element(0x03, Buffer.from([2, 0x04]));

function element(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const { length } = body;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

function sequence(...content: readonly Buffer[]): Buffer {
  return element(0x30, ...content);
}

function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number);
  const base128 = (n: number): number[] =>
    n < 0x80 ? [n] : [...base128(Math.trunc(n / 0x80)).map(digit => digit | 0x80), n % 0x80];
  return element(0x06, Buffer.from([first * 40 + second, ...others.flatMap(base128)]));
}

function distinguishedName(commonName: string): Buffer {
  const attribute = sequence(objectId('2.5.4.3'), element(0x0c, Buffer.from(commonName)));
  return sequence(element(0x31, attribute));
}

function utcTime(date: Date): Buffer {
  const digits = date.toISOString().replace(/\D/g, '').slice(2, 14);
  return element(0x17, Buffer.from(`${digits}Z`));
}

function bitString(bits: Buffer): Buffer {
  return element(0x03, Buffer.from([0]), bits);
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(objectId(id), TRUE, element(0x04, value));
}

function alternativeName(name: string): Buffer {
  return isIPv4(name)
    ? element(0x87, Buffer.from(name.split('.').map(Number)))
    : element(0x82, Buffer.from(name));
}
