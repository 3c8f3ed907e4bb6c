/** The extensions that a server offered in its reply to EHLO. */
export interface Capabilities {
  /** RFC 2920 */
  readonly pipelining: boolean;
  /** RFC 6152 */
  readonly eightBitMime: boolean;
  /** RFC 6531 */
  readonly smtpUtf8: boolean;
  /** RFC 3207 */
  readonly startTls: boolean;
  /** RFC 2034 */
  readonly enhancedStatusCodes: boolean;
  /** RFC 1870: maximum octets of a message; 0: no fixed limit; absent: the server does not offer SIZE. */
  readonly maxSize?: number;
  /** RFC 4954, upper case. */
  readonly authMechanisms: readonly string[];
  /** The offered extensions as sent, without the first line. */
  readonly lines: readonly string[];
}

/** The capabilities of a server that only knows HELO. */
export const NO_CAPABILITIES: Capabilities = parseCapabilities([]);

/** Parses the lines of a reply to EHLO. The first line only names the server. */
export function parseCapabilities(lines: readonly string[]): Capabilities {
  const offers = lines.slice(1).map(line => line.trim());
  const words = new Map<string, readonly string[]>();
  for (const offer of offers) {
    // `AUTH=PLAIN` is the form for clients older than RFC 2554.
    const [keyword = '', ...parameters] = offer
      .toUpperCase()
      .replace(/^AUTH=/, 'AUTH ')
      .split(/\s+/);
    words.set(keyword, [...(words.get(keyword) ?? []), ...parameters]);
  }
  const size = words.get('SIZE');
  return {
    pipelining: words.has('PIPELINING'),
    eightBitMime: words.has('8BITMIME'),
    smtpUtf8: words.has('SMTPUTF8'),
    startTls: words.has('STARTTLS'),
    enhancedStatusCodes: words.has('ENHANCEDSTATUSCODES'),
    ...(size !== undefined && { maxSize: /^\d{1,15}$/.test(size[0] ?? '') ? Number(size[0]) : 0 }),
    authMechanisms: [...new Set(words.get('AUTH') ?? [])],
    lines: offers,
  };
}
