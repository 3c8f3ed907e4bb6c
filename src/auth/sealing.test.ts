import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSealing, idOfSecretKey, SealError } from './sealing.ts';

const [OLD, NEW] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];

describe('createSealing', () => {
  it('opens any text that it sealed', () => {
    const sealing = createSealing([NEW], randomBytes);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), text => {
        expect(sealing.open(sealing.seal(text, 'provider:1'), 'provider:1')).toBe(text);
      }),
    );
  });

  it('seals the same text differently each time, and does not contain it', () => {
    const sealing = createSealing([NEW], randomBytes);
    const [first, second] = [sealing.seal('canary', 'provider:1'), sealing.seal('canary', 'provider:1')];
    expect(first).not.toBe(second);
    expect(Buffer.from(first.split('.')[2] ?? '', 'base64url').toString('latin1')).not.toContain('canary');
  });

  it('seals an empty text as an empty text', () => {
    const sealing = createSealing([NEW], randomBytes);
    expect(sealing.seal('', 'provider:1')).toBe('');
    expect(sealing.open('', 'provider:1')).toBe('');
  });

  it('does not open a secret for another row', () => {
    const sealing = createSealing([NEW], randomBytes);
    const sealed = sealing.seal('canary', 'provider:1');
    expect(() => sealing.open(sealed, 'provider:2')).toThrow(SealError);
  });

  it('does not open a secret with one changed bit, or a part of one', () => {
    const sealing = createSealing([NEW], randomBytes);
    const [format, id, body = ''] = sealing.seal('canary', 'provider:1').split('.');
    const bytes = Buffer.from(body, 'base64url');
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes);
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect(() => sealing.open([format, id, changed.toString('base64url')].join('.'), 'provider:1')).toThrow(
        SealError,
      );
      const cut = bytes.subarray(0, i).toString('base64url');
      expect(() => sealing.open([format, id, cut].join('.'), 'provider:1')).toThrow(SealError);
    }
  });

  it('names the missing key by its id, and never shows a key', () => {
    const sealed = createSealing([OLD], randomBytes).seal('canary', 'provider:1');
    const open = () => createSealing([NEW], randomBytes).open(sealed, 'provider:1');
    expect(open).toThrow(new RegExp(`sealed with another key \\(${idOfSecretKey(OLD)}\\)`));
    expect(idOfSecretKey(OLD)).toMatch(/^[0-9a-f]{12}$/);
    expect(idOfSecretKey(OLD)).not.toBe(idOfSecretKey(NEW));
  });

  it('seals with the first key, and opens with all keys', () => {
    const sealed = createSealing([OLD], randomBytes).seal('canary', 'provider:1');
    const both = createSealing([NEW, OLD], randomBytes);
    expect(both.open(sealed, 'provider:1')).toBe('canary');
    const again = both.seal('canary', 'provider:1');
    expect(createSealing([NEW], randomBytes).open(again, 'provider:1')).toBe('canary');
  });

  it('refuses an unknown format', () => {
    const sealing = createSealing([NEW], randomBytes);
    expect(() => sealing.open('v2.x.y', 'provider:1')).toThrow(/in a format that this version cannot read/);
  });
});
