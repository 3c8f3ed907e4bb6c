import { describe, expect, it } from 'vitest';
import { type Arrival, describeTransport, freely, parcel } from '../../../test/suites/transport.ts';
import { createCaptureTransport } from './capture.ts';

describeTransport('capture', async () => {
  const kept: Arrival[] = [];
  const transport = createCaptureTransport({
    onMessage: ({ envelope, mime }) => {
      kept.push({ ...envelope, mime });
    },
  });
  return { transport, arrivals: async () => kept, close: () => transport.close() };
});

describe('the capture transport', () => {
  it('cannot say what became of a message that the inbox failed to keep', async () => {
    const transport = createCaptureTransport({ onMessage: () => Promise.reject(new Error('inbox is full')) });
    expect(await transport.send(parcel({}), freely())).toEqual({
      phase: 'dot',
      error: 'inbox is full',
      recipients: [],
    });
  });

  it('stops waiting for the inbox when its signal is aborted', async () => {
    const stop = new AbortController();
    const transport = createCaptureTransport({
      onMessage: () => {
        stop.abort();
        return new Promise(() => {});
      },
    });
    expect(await transport.send(parcel({}), { ...freely(), signal: stop.signal })).toMatchObject({
      phase: 'dot',
      error: 'stopped',
    });
  });
});
