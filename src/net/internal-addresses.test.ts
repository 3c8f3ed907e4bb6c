import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isInternalAddress, isLoopbackAddress } from './internal-addresses.ts';

describe('internal addresses', () => {
  it.each([
    ['loopback', ['127.0.0.1', '127.255.255.254', '::1', '0:0:0:0:0:0:0:1']],
    ['private', ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1']],
    ['link-local', ['169.254.0.1', 'fe80::1', 'fe80::1%eth0', 'febf::1']],
    ['carrier-grade NAT', ['100.64.0.1', '100.127.255.255']],
    ['unique local', ['fc00::1', 'fd12:3456::1']],
    ['site-local', ['fec0::1']],
    ['multicast', ['224.0.0.1', '239.255.255.255', 'ff02::1']],
    ['unspecified', ['0.0.0.0', '0.1.2.3', '::']],
    ['broadcast and reserved', ['255.255.255.255', '240.0.0.1', '192.0.0.8', '192.88.99.1']],
    ['documentation', ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1']],
    ['benchmarks', ['198.18.0.1', '198.19.255.255', '2001:2::1']],
    ['metadata', ['169.254.169.254', 'fd00:ec2::254', '100.100.100.200', '168.63.129.16', '192.0.0.192']],
    ['mapped', ['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.0.0.1', '::ffff:169.254.169.254']],
    ['compatible', ['::127.0.0.1', '::7f00:1', '0:0:0:0:0:0:10.0.0.1', '::8.8.8.8']],
    ['NAT64', ['64:ff9b::127.0.0.1', '64:ff9b::a9fe:a9fe', '64:ff9b:1::1', '64:ff9b:1::8.8.8.8']],
    ['6to4', ['2002:7f00:1::', '2002:a00:1::1', '2002:808:808::1']],
    ['Teredo', ['2001:0:4136:e378:8000:63bf:80ff:fffe', '2001::1']],
    ['discard', ['100::1']],
    ['invalid', ['', 'localhost', '127.1', '0x7f000001', '2130706433', '0177.0.0.1']],
  ])('an address of kind %s is refused', (_, addresses) => {
    expect(addresses.filter(address => !isInternalAddress(address))).toEqual([]);
  });

  it.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '198.20.0.1', '2606:4700::1', '2a00:1450::1'])(
    '%s is a public address',
    address => expect(isInternalAddress(address)).toBe(false),
  );

  it('a public address is public in its mapped and its NAT64 form too', () => {
    expect(['::ffff:8.8.8.8', '64:ff9b::808:808'].map(isInternalAddress)).toEqual([false, false]);
  });

  it('a mapped address and a NAT64 address are judged like the embedded address', () => {
    fc.assert(
      fc.property(fc.ipV4(), address => {
        expect(isInternalAddress(`::ffff:${address}`)).toBe(isInternalAddress(address));
        expect(isInternalAddress(`64:ff9b::${address}`)).toBe(isInternalAddress(address));
      }),
    );
  });

  it('loopback addresses are recognised in all their forms', () => {
    expect(['127.9.9.9', '::1', '::ffff:127.0.0.1'].map(isLoopbackAddress)).toEqual([true, true, true]);
    expect(['10.0.0.1', '::', '::127.0.0.1', '8.8.8.8', 'localhost'].some(isLoopbackAddress)).toBe(false);
  });
});
