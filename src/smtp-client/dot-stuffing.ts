const LF_DOT = Buffer.from('\n.');
const DOT = 46;
const LF = 10;

/**
 * Returns a message in the form for DATA, without the end mark: each line that starts with a dot gets another dot (RFC
 * 5321 4.5.2). Returns the same Buffer if there is no such line.
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

/** Returns the end of DATA. The CRLF before the dot is the last one of the message, if it has one (RFC 5321 4.1.1.4). */
export function endOfData(mime: Buffer): '.\r\n' | '\r\n.\r\n' {
  return mime.length === 0 || mime[mime.length - 1] === LF ? '.\r\n' : '\r\n.\r\n';
}

/** Returns the indexes of dots at the start of a line. Each LF ends a line: the message has no bare LF. */
function leadingDots(mime: Buffer): readonly number[] {
  const dots: number[] = mime[0] === DOT ? [0] : [];
  for (let lf = mime.indexOf(LF_DOT); lf >= 0; lf = mime.indexOf(LF_DOT, lf + 2)) dots.push(lf + 1);
  return dots;
}
