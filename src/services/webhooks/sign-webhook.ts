import { createHmac } from 'node:crypto';

const PREFIX = /^whsec_/;

/** What is signed, and how it is told from all others. */
export interface SignedContent {
  /** The same whenever the same event is posted. */
  readonly id: string;
  /** Epoch seconds, of this attempt: receivers refuse what is old. */
  readonly timestamp: number;
  readonly body: string;
}

/** The three header fields of Standard Webhooks; the secret is `whsec_` and base64. */
export function signWebhook(secret: string, { id, timestamp, body }: SignedContent): Record<string, string> {
  const key = Buffer.from(secret.replace(PREFIX, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${signature}`,
  };
}
