const LF_DOT = Buffer.from('\n.');
const DOT = 46;
const LF = 10;

/**
 * The message as DATA carries it, without the end mark: RFC 5321 4.5.2, a dot before every line that begins with one.
 * The same Buffer when there is none.
 */
export function dotStuff(mime: Buffer): Buffer {
  const dots = leadingDots(mime);
  if (dots.length === 0) return mime;
  const stuffed = Buffer.allocUnsafe(mime.length + dots.length);
  let from = 0;
  let at = 0;
  for (const dot of dots) {
    at += mime.copy(stuffed, at, from, dot);
    stuffed[at++] = DOT;
    from = dot;
  }
  mime.copy(stuffed, at, from);
  return stuffed;
}

/** What ends DATA: the CRLF before the dot is the message's own last one, or DATA's own for an empty message (RFC 5321 4.1.1.4). */
export function endOfData(mime: Buffer): '.\r\n' | '\r\n.\r\n' {
  return mime.length === 0 || mime[mime.length - 1] === LF ? '.\r\n' : '\r\n.\r\n';
}

/** Where lines begin with a dot; every LF ends a line, as the bytes are known to have no bare ones. */
function leadingDots(mime: Buffer): readonly number[] {
  const dots: number[] = mime[0] === DOT ? [0] : [];
  for (let lf = mime.indexOf(LF_DOT); lf >= 0; lf = mime.indexOf(LF_DOT, lf + 2)) dots.push(lf + 1);
  return dots;
}
