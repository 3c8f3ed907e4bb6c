import type { ProviderHealth, State } from './data/shapes.ts';

// Labels for words of the API that several pages show.

/** States of a recipient. The label of the state `unknown` is Unconfirmed. */
const RECIPIENT_STATES: Readonly<Record<State, string>> = {
  queued: 'Queued',
  deferred: 'Deferred',
  delivered: 'Delivered',
  bounced: 'Bounced',
  failed: 'Failed',
  expired: 'Expired',
  cancelled: 'Cancelled',
  unknown: 'Unconfirmed',
};

const HEALTH: Readonly<Record<ProviderHealth['health'], string>> = {
  up: 'Working',
  open: 'Failing',
  probing: 'Testing again',
  disabled: 'Disabled',
  paused: 'Paused',
};

const STATES: Readonly<Record<string, string>> = {
  ...RECIPIENT_STATES,
  ...HEALTH,
  // Events that are not states.
  ...{ accepted: 'Accepted', retried: 'Retried' },
  // Accounts, keys and users.
  ...{ enabled: 'Enabled', active: 'Active', revoked: 'Revoked' },
};

/** A state or an event in one or two words. */
export function stateLabel(state: string): string {
  return STATES[state] ?? state;
}

/** An explanation of a state whose label does not say everything. */
export function stateHint(state: string): string | undefined {
  return state === 'unknown' ? 'may have been delivered' : undefined;
}

/** The label of a state with its explanation. */
export function fullStateLabel(state: string): string {
  const hint = stateHint(state);
  return hint === undefined ? stateLabel(state) : `${stateLabel(state)} (${hint})`;
}

const PHASES: Readonly<Record<string, string>> = {
  dns: 'DNS lookup',
  connect: 'connection',
  auth: 'authentication',
  tls: 'TLS',
  ehlo: 'EHLO',
  mail: 'sender (MAIL FROM)',
  rcpt: 'recipient (RCPT TO)',
  data: 'DATA',
  body: 'content',
  dot: 'end of data',
};

/** The step of the SMTP transaction where an attempt stopped. */
export function phaseLabel(phase: string): string {
  return PHASES[phase] ?? phase;
}

const APIS: Readonly<Record<string, string>> = {
  v1: 'Postern API (/v1)',
  powermta: 'PowerMTA API',
  turbosmtp: 'turboSMTP API',
  'smtp-mailer': 'SMTP Mailer API',
  'temp-mail': 'temp-mail API',
  smtp: 'SMTP',
  pickup: 'Pickup directory',
  notice: 'This gate (bounce message)',
};

/** The API through which the gate received a message. */
export function apiLabel(dialect: string): string {
  return APIS[dialect] ?? dialect;
}
