import type { Address } from '../../core/address.ts';

/** How mail ends that its sender should hear of. */
export type FailedState = 'bounced' | 'failed' | 'expired';

/** What became of one recipient. */
export interface FailedRecipient {
  readonly recipient: Address;
  readonly state: FailedState;
  /** Epoch ms. */
  readonly at: number;
  /** The last reply of the far end, as far as there was one. */
  readonly code?: number;
  readonly enhanced?: string;
  /** Its words or ours; '' when there are none. */
  readonly reason: string;
}

/** In words, for the sender. */
export const SAID: Readonly<Record<FailedState, string>> = {
  bounced: 'The far end refused it',
  failed: 'It could not be handed over',
  expired: 'It was tried until its time was over',
};

/** RFC 3463: the far end's own code where it says that it failed for good; 4.4.7 is "delivery time expired". */
export function statusOf({ state, enhanced }: FailedRecipient): string {
  if (state === 'expired') return '4.4.7';
  return enhanced?.startsWith('5.') ? enhanced : '5.0.0';
}

/** The far end's whole reply; undefined when it never came to one. */
export function lastReplyOf({ code, enhanced, reason }: FailedRecipient): string | undefined {
  if (code === undefined) return undefined;
  return [code, enhanced, reason].filter(part => part !== undefined && part !== '').join(' ');
}

/** What others wrote, on one line: an encoded-word may hold line breaks. */
export function onOneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
}
