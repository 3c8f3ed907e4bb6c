import type { Provider } from '../core/provider.ts';
import type { MakeTransport } from './lane/lanes.ts';
import type { Parcel } from './transport.ts';
import { createCaptureTransport } from './transports/capture.ts';
import { createPickupTransport } from './transports/pickup.ts';
import { createSmtpTransport } from './transports/smtp.ts';

export interface TransportParts {
  /** Opens the sealed password of a provider. */
  readonly openPassword: (provider: Provider & { kind: 'smtp' }) => string;
  /** Told of what the capture inbox takes in. */
  readonly onCaptured: (parcel: Parcel) => void;
  /** The name we give in EHLO. */
  readonly hostName: string;
  /** This gate's part of a provider's connections, which are for all gates together. */
  readonly shareOf: (connections: number) => number;
  /** 0 ≤ random < 1. */
  readonly random: () => number;
}

/** The transport of each kind of provider: a new kind adds its line here. */
export function makeTransports(parts: TransportParts): MakeTransport {
  return provider => {
    switch (provider.kind) {
      case 'smtp':
        return createSmtpTransport({
          ...provider,
          password: parts.openPassword(provider),
          hostName: parts.hostName,
          shareOf: parts.shareOf,
          // `none` is the operator's explicit choice, for a host of the configuration's `allowClearText`.
          allowsAuthInClear: provider.encryption === 'none',
        });
      case 'pickup':
        return createPickupTransport({ directory: provider.directory });
      case 'capture':
        return createCaptureTransport({
          onMessage: parts.onCaptured,
          random: parts.random,
          ...(provider.chaos && { chaos: provider.chaos }),
        });
    }
  };
}
