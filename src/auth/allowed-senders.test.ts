import { describe, expect, it } from 'vitest';
import { parseAddress } from '../core/address.ts';
import { maySendAs } from './allowed-senders.ts';

function isAllowed(allowedSenders: string[], text: string): boolean {
  const address = parseAddress(text);
  if (!address.ok) throw new Error(address.reason);
  return maySendAs({ allowedSenders }, address.value);
}

describe('maySendAs', () => {
  it.each([
    [['*'], 'anyone@anywhere.example', true],
    [['@shop.example'], 'news@shop.example', true],
    [['@shop.example'], 'news@SHOP.example', true],
    [['@shop.example'], 'news@mail.shop.example', false],
    [['@shop.example'], 'news@myshop.example', false],
    [['@shop.example'], '"@shop.example"@evil.example', false],
    [['news@shop.example'], 'News@shop.example', true],
    [['news@shop.example'], 'sales@shop.example', false],
    [['a@b.example', '@shop.example'], 'x@shop.example', true],
    [['@xn--bcher-kva.example'], 'x@bücher.example', true],
    [[], 'x@shop.example', false],
  ])('with allowed senders %j and the address %s returns %s', (allowed, address, expected) => {
    expect(isAllowed(allowed, address)).toBe(expected);
  });
});
