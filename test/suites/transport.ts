import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { Address } from '../../src/core/address.ts';
import type { Parcel, SendOptions, Transport } from '../../src/delivery/transport.ts';

/** What the far end got. */
export interface Arrival {
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly mime: Buffer;
}

/** A transport under test and its far end. */
export interface TransportHarness {
  readonly transport: Transport;
  /** What has arrived so far, in any order. */
  arrivals(): Promise<readonly Arrival[]>;
  /** Removes the far end, with the transport. */
  close(): Promise<void>;
}

/** For a far end that can be away. */
export interface FarEndHarness extends TransportHarness {
  /** From now on it is not there. */
  leave(): Promise<void>;
}

/** For a far end that takes messages and does not say so. */
export interface MuteHarness extends TransportHarness {
  /** Resolves when it has one. */
  taken(): Promise<void>;
}

export type MakeHarness<H extends TransportHarness = TransportHarness> = () => Promise<H>;

/** What every transport must do. */
export function describeTransport(name: string, makeHarness: MakeHarness): void {
  describe(`transport: ${name}`, () => {
    const use = harnesses(makeHarness);
    describeCarrying(use);
    describeLeave(use);
    describeSignal(use);
    describeState(use);
  });
}

function describeCarrying(use: MakeHarness): void {
  it.each(Object.entries(MESSAGES))('carries %s byte for byte', async (_, mime) => {
    const { transport, arrivals } = await use();
    const transmission = await transport.send(parcel({ mime }), freely());
    expect(transmission).toMatchObject({ phase: 'done', reply: { code: 250 } });
    expect((await arrivals()).map(arrival => arrival.mime.equals(mime))).toEqual([true]);
  });

  it('gives a last line without its end one, and changes nothing else', async () => {
    const { transport, arrivals } = await use();
    const mime = Buffer.from('Subject: s\r\n\r\nno line end');
    await transport.send(parcel({ mime }), freely());
    const [arrival] = await arrivals();
    expect(arrival?.mime.toString().replace(/\r\n$/, '')).toBe(mime.toString());
  });

  it('hands over the envelope, several recipients and the null sender included', async () => {
    const { transport, arrivals } = await use();
    const recipients = ['b@example.net', '"c d"@example.org', 'e+f@[192.0.2.1]'] as Address[];
    await transport.send(parcel({ sender: '', recipients }), freely());
    expect(await arrivals()).toMatchObject([{ sender: '', recipients }]);
  });

  it('carries many at once, each exactly once', async () => {
    const { transport, arrivals } = await use();
    const bodies = Array.from({ length: 40 }, (_, i) => `Subject: ${i}\r\n\r\n.${i}\r\n`);
    const sent = bodies.map(body => transport.send(parcel({ mime: Buffer.from(body) }), freely()));
    expect(new Set((await Promise.all(sent)).map(({ phase }) => phase))).toEqual(new Set(['done']));
    expect((await arrivals()).map(({ mime }) => mime.toString()).sort()).toEqual(bodies.sort());
  });
}

function describeLeave(use: MakeHarness): void {
  it('asks for leave once, and before anything can have arrived', async () => {
    const { transport, arrivals } = await use();
    const seen: number[] = [];
    const beforeDot = async (refused: readonly unknown[]): Promise<void> => {
      expect(refused).toEqual([]);
      seen.push((await arrivals()).length);
    };
    await transport.send(parcel({}), { ...freely(), beforeDot });
    expect(seen).toEqual([0]);
  });

  it('tells of the reply once, after leave and before it resolves', async () => {
    const { transport } = await use();
    const told: string[] = [];
    const transmission = await transport.send(parcel({}), {
      ...freely(),
      beforeDot: () => void told.push('leave'),
      onReply: reply => void told.push(`reply ${reply.code}`),
    });
    expect(told).toEqual(['leave', `reply ${transmission.reply?.code}`]);
  });

  it.each([
    ['throws', () => throwHeld()],
    ['rejects', async () => throwHeld()],
  ])('sends nothing when leave %s, and says why', async (_, beforeDot) => {
    const { transport, arrivals } = await use();
    await expect(transport.send(parcel({}), { ...freely(), beforeDot })).rejects.toThrow('held back');
    await transport.send(parcel({ mime: Buffer.from('Subject: next\r\n\r\n') }), freely());
    expect((await arrivals()).map(({ mime }) => mime.toString())).toEqual(['Subject: next\r\n\r\n']);
  });
}

function describeSignal(use: MakeHarness): void {
  it('sends nothing once its signal is aborted', async () => {
    const { transport, arrivals } = await use();
    const transmission = await transport.send(parcel({}), { ...freely(), signal: AbortSignal.abort() });
    expect(transmission).toMatchObject({ recipients: [], error: expect.any(String) });
    expect(['dot', 'done']).not.toContain(transmission.phase);
    expect(await arrivals()).toEqual([]);
  });

  it('stops before the dot when its signal is aborted while leave is awaited', async () => {
    const { transport, arrivals } = await use();
    const stop = new AbortController();
    const held = Promise.withResolvers<void>();
    const beforeDot = (): Promise<void> => {
      stop.abort();
      return held.promise;
    };
    const transmission = await transport.send(parcel({}), { ...freely(), beforeDot, signal: stop.signal });
    expect(transmission).toMatchObject({ phase: 'body', error: 'stopped' });
    held.resolve();
    await transport.close();
    expect(await arrivals()).toEqual([]);
  });
}

function describeState(use: MakeHarness): void {
  it('finds itself in order', async () => {
    const { transport } = await use();
    const report = await transport.check(freely().signal);
    expect(report.ok).toBe(true);
    expect(report.stages.filter(({ ok }) => !ok)).toEqual([]);
  });

  it('has room for one message at least', async () => {
    const { transport } = await use();
    expect(transport.capacity).toBeGreaterThanOrEqual(1);
  });

  it('closes after what is under way, as often as it is asked', async () => {
    const { transport, arrivals } = await use();
    const sent = transport.send(parcel({}), freely());
    await Promise.all([transport.close(), transport.close()]);
    expect(await sent).toMatchObject({ phase: 'done' });
    await transport.close();
    expect(await arrivals()).toHaveLength(1);
  });

  it('sends nothing after it was closed', async () => {
    const { transport, arrivals } = await use();
    await transport.close();
    const transmission = await transport.send(parcel({}), freely());
    expect(transmission.error).toContain('closed');
    expect(['dot', 'done']).not.toContain(transmission.phase);
    expect(await arrivals()).toEqual([]);
  });
}

/** What a transport must do besides, when its far end can be away. */
export function describeFarEnd(name: string, makeHarness: MakeHarness<FarEndHarness>): void {
  describe(`far end of transport: ${name}`, () => {
    const use = harnesses(makeHarness);

    it('says "not sent" and why when the far end is away', async () => {
      const { transport, leave } = await use();
      await leave();
      const transmission = await transport.send(parcel({}), freely());
      expect(transmission).toMatchObject({ phase: 'connect', recipients: [], error: expect.any(String) });
    });

    it('says so too after it has sent something there before', async () => {
      const { transport, leave } = await use();
      await transport.send(parcel({}), freely());
      await leave();
      const transmission = await transport.send(parcel({}), freely());
      expect(transmission).toMatchObject({ phase: 'connect', recipients: [], error: expect.any(String) });
    });

    it('finds out in its check, and says at which stage', async () => {
      const { transport, leave } = await use();
      await leave();
      const report = await transport.check(freely().signal);
      expect(report.ok).toBe(false);
      expect(report.stages.at(-1)).toMatchObject({ ok: false, detail: expect.stringMatching(/\w/) });
    });
  });
}

/** What a transport must do when the answer to the dot gets lost, or does not come (`silent`). */
export function describeAfterDot(
  name: string,
  makeHarness: { readonly lost: MakeHarness; readonly silent: MakeHarness<MuteHarness> },
): void {
  describe(`after the dot of transport: ${name}`, () => {
    const useLost = harnesses(makeHarness.lost);
    const useSilent = harnesses(makeHarness.silent);

    it('says that nobody knows when the far end goes away without an answer', async () => {
      const { transport } = await useLost();
      const transmission = await transport.send(parcel({}), freely());
      expect(transmission).toMatchObject({ phase: 'dot', error: expect.stringMatching(/\w/) });
      expect(transmission.reply).toBeUndefined();
    });

    it('says so too when its signal ends the waiting', async () => {
      const { transport, taken } = await useSilent();
      const stop = new AbortController();
      const sent = transport.send(parcel({}), { ...freely(), signal: stop.signal });
      await taken();
      stop.abort();
      expect(await sent).toMatchObject({ phase: 'dot', error: 'stopped' });
    });
  });
}

const PLAIN = 'From: a@example.com\r\nTo: b@example.net\r\nSubject: s\r\n\r\n';
const MESSAGES: Readonly<Record<string, Buffer>> = {
  'a short message': Buffer.from(`${PLAIN}hello\r\n`),
  'lines of dots': Buffer.from(`${PLAIN}.\r\n..\r\n...\r\n.a\r\n\r\n.\r\n`),
  'a message that begins with a dot': Buffer.from('.: x\r\n\r\n.\r\n'),
  'a body that looks like SMTP': Buffer.from(`${PLAIN}QUIT\r\nMAIL FROM:<x@example.com>\r\nDATA\r\n`),
  '8-bit octets': Buffer.concat([Buffer.from(PLAIN), Buffer.from('ä\u00df\u{1f600} \xff\xfe\r\n', 'latin1')]),
  'long lines': Buffer.from(`${PLAIN}${'x'.repeat(70_000)}\r\n.${'y'.repeat(5_000)}\r\n`),
  'a header and no body': Buffer.from('Subject: s\r\n\r\n'),
  'nothing at all': Buffer.alloc(0),
  'a message of 1 MB': Buffer.from(
    PLAIN + randomBytes(400_000).toString('hex').replace(/.{76}/g, '$&\r\n.') + '.\r\n'.repeat(60_000),
  ),
};

interface ParcelParts {
  readonly sender?: string;
  readonly recipients?: readonly Address[];
  readonly mime?: Buffer;
}

/** A parcel with what the test cares about. */
export function parcel({
  sender = 'a@example.com',
  recipients = ['b@example.net' as Address],
  mime = Buffer.from(`${PLAIN}hello\r\n`),
}: ParcelParts): Parcel {
  const eightBit = mime.some(octet => octet > 127);
  return { envelope: { sender: sender as Address, recipients }, mime, eightBit, smtputf8: false };
}

/** Leave is given, and nobody stops it. */
export function freely(): SendOptions {
  return { beforeDot() {}, onReply() {}, signal: new AbortController().signal };
}

function throwHeld(): never {
  throw new Error('held back');
}

/** Closes after each test what the test used. */
function harnesses<H extends TransportHarness>(makeHarness: MakeHarness<H>): MakeHarness<H> {
  const used: H[] = [];
  afterEach(async () => {
    await Promise.all(used.splice(0).map(harness => harness.close()));
  });
  return async () => {
    const harness = await makeHarness();
    used.push(harness);
    return harness;
  };
}
