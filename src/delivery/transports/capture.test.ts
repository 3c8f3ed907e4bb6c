import { type Arrival, describeAfterDot, describeTransport } from '../../../test/suites/transport.ts';
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

describeAfterDot('capture', {
  async lost() {
    const transport = createCaptureTransport({ onMessage: () => Promise.reject(new Error('inbox is full')) });
    return { transport, arrivals: async () => [], close: () => transport.close() };
  },
  async silent() {
    const taken = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    const transport = createCaptureTransport({
      onMessage() {
        taken.resolve();
        return end.promise;
      },
    });
    return {
      transport,
      arrivals: async () => [],
      taken: () => taken.promise,
      async close() {
        end.resolve();
        await transport.close();
      },
    };
  },
});
