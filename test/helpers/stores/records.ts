import type { CaptureProvider } from '../../../src/core/provider.ts';

/** A provider that keeps what it is given, whoever sends it; its id is for the registry to give. */
export const CAPTURE: Omit<CaptureProvider, 'id'> = {
  kind: 'capture',
  caption: null,
  isEnabled: true,
  priority: 10,
  weight: 100,
  limits: {},
  senderDomains: [],
  maxRecipientsPerMessage: 100,
  sendFrom: '',
  sendFromName: '',
  createdAt: 0,
  updatedAt: null,
};
