import type { Provider } from '../core/provider.ts';
import type { MakeTransport } from './lane/lanes.ts';
import type { Parcel } from './transport.ts';
import { createCaptureTransport } from './transports/capture.ts';
import { createPickupTransport } from './transports/pickup.ts';
import { createSmtpTransport } from './transports/smtp.ts';

export interface TransportParts {
  /** Opens the sealed password of a provider. */
  readonly openPassword: (provider: Provider & { kind: 'smtp' }) => string;
  /** Called with each message that the capture inbox keeps. */
  readonly onCaptured: (parcel: Parcel) => void;
  /** The host name for EHLO. */
  readonly hostName: string;
  /** The part of a provider's connections that is for this node. */
  readonly shareOf: (connections: number) => number;
  /** 0 ≤ random < 1. */
  readonly random: () => number;
}

/** The transport of each kind of provider. A new kind adds its case here. */
export function makeTransports(parts: TransportParts): MakeTransport {
  return provider => {
    switch (provider.kind) {
      case 'smtp':
        return createSmtpTransport({
          ...provider,
          password: parts.openPassword(provider),
          hostName: parts.hostName,
          shareOf: parts.shareOf,
          // `none` is a choice of the operator, for a host that the configuration lists in `allowClearText`.
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
