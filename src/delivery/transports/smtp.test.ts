import { describe, expect, it } from 'vitest';
import { type SinkOptions, type SmtpSink, startSmtpSink } from '../../../test/helpers/smtp-sink.ts';
import { createTestCa } from '../../../test/helpers/test-ca.ts';
import {
  describeFarEnd,
  describeTransport,
  type FarEndHarness,
  freely,
  parcel,
} from '../../../test/suites/transport.ts';
import { createSmtpTransport, type SmtpTransportOptions } from './smtp.ts';

const ca = createTestCa();
const certificate = ca.issue(['localhost', '127.0.0.1']);

function optionsFor(sink: SmtpSink, options: Partial<SmtpTransportOptions> = {}): SmtpTransportOptions {
  return {
    host: sink.host,
    port: sink.port,
    encryption: 'none',
    username: '',
    password: '',
    maxConnections: 3,
    hostName: 'gate.example.com',
    caPem: ca.cert,
    ...options,
  };
}

function harness(sinkOptions: SinkOptions, options: Partial<SmtpTransportOptions> = {}) {
  return async (): Promise<FarEndHarness> => {
    const sink = await startSmtpSink(sinkOptions);
    const transport = createSmtpTransport(optionsFor(sink, options));
    return {
      transport,
      arrivals: async () => sink.messages.map(({ bytes, ...envelope }) => ({ ...envelope, mime: bytes })),
      leave: () => sink.close(),
      async close() {
        await transport.close();
        await sink.close();
      },
    };
  };
}

const offers = ['SIZE', '8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES'];
const auth = { username: 'user', password: 'secret' };
const users = { user: 'secret' };
const starttls = { mode: 'starttls', certificate } as const;
const implicit = { mode: 'implicit', certificate } as const;

describeTransport('smtp', harness({}));
describeTransport('smtp, serial', harness({ capabilities: offers }));
describeTransport('smtp, over one connection', harness({}, { maxConnections: 1 }));
describeTransport('smtp, implicit TLS', harness({ tls: implicit }, { encryption: 'ssl' }));
describeTransport(
  'smtp, STARTTLS and AUTH',
  harness({ tls: starttls, users }, { encryption: 'tls', ...auth }),
);
describeFarEnd('smtp', harness({}));
describeFarEnd('smtp, STARTTLS and AUTH', harness({ tls: starttls, users }, { encryption: 'tls', ...auth }));
