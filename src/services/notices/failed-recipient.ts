import type { Address } from '../../core/address.ts';

/** The final states that a bounce message reports. */
export type FailedState = 'bounced' | 'failed' | 'expired';

/** A recipient in such a state, with the reason. */
export interface FailedRecipient {
  readonly recipient: Address;
  readonly state: FailedState;
  /** Epoch ms. */
  readonly at: number;
  /** The last reply of the receiving server, if there was one. */
  readonly code?: number;
  readonly enhanced?: string;
  /** The text of the reply, or the gate's own reason; '' if there is neither. */
  readonly reason: string;
}

/** The explanation for the sender. */
export const FAILURE_TEXT: Readonly<Record<FailedState, string>> = {
  bounced: 'The receiving server refused it',
  failed: 'It could not be sent',
  expired: 'No server accepted it before it expired',
};

/** The status code of RFC 3463: the server's own if it is permanent, or 5.0.0; 4.4.7 means "delivery time expired". */
export function statusOf({ state, enhanced }: FailedRecipient): string {
  if (state === 'expired') return '4.4.7';
  return enhanced?.startsWith('5.') ? enhanced : '5.0.0';
}

/** The last reply on one line; undefined if there was none. */
export function formatLastReply({ code, enhanced, reason }: FailedRecipient): string | undefined {
  if (code === undefined) return undefined;
  return [code, enhanced, reason].filter(part => part !== undefined && part !== '').join(' ');
}

/** Replaces control characters: an encoded-word can contain line breaks. */
export function toOneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
}
