import { createHmac } from 'node:crypto';

const PREFIX = /^whsec_/;

/** The signed parts of a request. */
export interface SignedContent {
  /** The id of the event. It is the same in every attempt. */
  readonly id: string;
  /** The time of this attempt in epoch seconds. Receivers refuse old requests. */
  readonly timestamp: number;
  readonly body: string;
}

/** Returns the three header fields of Standard Webhooks. The secret is `whsec_` and base64. */
export function signWebhook(secret: string, { id, timestamp, body }: SignedContent): Record<string, string> {
  const key = Buffer.from(secret.replace(PREFIX, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${signature}`,
  };
}
