import type { Reply } from '../core/outcome.ts';
import { plainText } from '../net/error-text.ts';

/** Maximum octets of a reply line without its line end. RFC 5321 4.5.3.1.5 requires 512, but servers send longer lines. */
const MAX_LINE = 4_096;
/** Maximum octets of a whole reply. */
const MAX_REPLY = 65_536;

const LF = 10;
const CR = 13;
const SPACE = 32;
const HYPHEN = 45;
const ZERO = 48;

/** `lines`: the text of each line as sent, without code and line end, including control characters. */
export type OnReply = (reply: Reply, lines: readonly string[]) => void;

/** Parses the bytes of a server into replies, in chunks of any size. */
export interface ReplyParser {
  /** Reports each complete reply. Returns an error when the data is not SMTP. After that it ignores all data. */
  push(chunk: Buffer): string | undefined;
  /** Part of a reply was received. */
  readonly hasPartialReply: boolean;
}

export function createReplyParser(onReply: OnReply): ReplyParser {
  let rest: Buffer | undefined;
  let code = 0;
  let lines: string[] = [];
  let size = 0;
  let problem: string | undefined;

  const takeLine = (data: Buffer, start: number, end: number): string | undefined => {
    const lineCode = readCode(data, start, end);
    if (lineCode === 0) return `not an SMTP reply: ${quote(data, start, end)}`;
    if (code !== 0 && lineCode !== code) return `reply changes its code from ${code} to ${lineCode}`;
    size += end - start;
    if (end - start > MAX_LINE || size > MAX_REPLY) return 'reply is too long';
    lines.push(data.toString('utf8', start + 4, end));
    code = lineCode;
    if (data[start + 3] !== HYPHEN || end === start + 3) finish();
    return undefined;
  };

  const finish = (): void => {
    const complete = lines;
    const reply = makeReply(code, complete);
    code = 0;
    size = 0;
    lines = [];
    onReply(reply, complete);
  };

  return {
    push(chunk) {
      if (problem !== undefined) return problem;
      const data = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
      rest = undefined;
      let start = 0;
      for (let lf = data.indexOf(LF); lf >= 0; lf = data.indexOf(LF, start)) {
        problem = takeLine(data, start, lf > start && data[lf - 1] === CR ? lf - 1 : lf);
        if (problem !== undefined) return problem;
        start = lf + 1;
      }
      if (data.length - start > MAX_LINE) problem = 'reply is too long';
      else if (start < data.length) rest = data.subarray(start);
      return problem;
    },
    get hasPartialReply() {
      return rest !== undefined || code !== 0;
    },
  };
}

/** RFC 5321 4.2: three digits, the first 2 to 5, then space, hyphen or the end of the line. Returns 0 for other text. */
function readCode(data: Buffer, start: number, end: number): number {
  if (end - start < 3) return 0;
  const first = byte(data, start) - ZERO;
  const second = byte(data, start + 1) - ZERO;
  const third = byte(data, start + 2) - ZERO;
  if (first < 2 || first > 5 || second < 0 || second > 9 || third < 0 || third > 9) return 0;
  const separator = data[start + 3];
  if (end > start + 3 && separator !== SPACE && separator !== HYPHEN) return 0;
  return first * 100 + second * 10 + third;
}

function byte(data: Buffer, index: number): number {
  return data[index] ?? 0;
}

/** RFC 3463 codes are at the start of some or all lines. A code whose class does not match the reply is part of the text. */
function makeReply(code: number, lines: readonly string[]): Reply {
  let enhanced: string | undefined;
  let text = '';
  for (const line of lines) {
    const found = /^([245])\.\d{1,3}\.\d{1,3}(?=\s|$)/.exec(line);
    const agrees = found !== null && Number(found[1]) === Math.trunc(code / 100);
    if (agrees) enhanced ??= found[0];
    const words = (agrees && found[0] === enhanced ? line.slice(found[0].length) : line).trim();
    if (words !== '') text = text === '' ? words : `${text} ${words}`;
  }
  text = plainText(text);
  return enhanced === undefined ? { code, text } : { code, enhanced, text };
}

function quote(data: Buffer, start: number, end: number): string {
  return JSON.stringify(plainText(data.toString('latin1', start, Math.min(end, start + 60))));
}
