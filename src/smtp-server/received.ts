import type { HeaderField } from '../core/message.ts';
import { mailDate } from '../mime/date.ts';
import { addressLiteral } from './client-address.ts';

/** How a message arrived. */
export interface Arrival {
  /** The client's name in EHLO, which was checked. */
  readonly clientName: string;
  /** Its IP address. */
  readonly clientAddress: string;
  readonly hostName: string;
  readonly isSecure: boolean;
  readonly smtputf8: boolean;
  /** Epoch ms. */
  readonly at: number;
}

/** Returns the trace field of a message that was submitted by SMTP, RFC 5321 4.4. Such a client has always logged in. */
export function receivedField(arrival: Arrival): HeaderField {
  const { clientName, hostName, isSecure, smtputf8, at } = arrival;
  // RFC 3848, RFC 6531 4.3.
  const protocol = `${smtputf8 ? 'UTF8SMTP' : 'ESMTP'}${isSecure ? 'S' : ''}A`;
  const from = `from ${clientName} (${addressLiteral(arrival.clientAddress)})`;
  return {
    name: 'Received',
    value: `${from} by ${hostName} (Postern) with ${protocol}; ${mailDate(at)}`,
  };
}
