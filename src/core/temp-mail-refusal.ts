import { AppError, type ErrorCode, type RefusalReason } from './errors.ts';

/** Refusals that temp-mail states in its own texts, in English and Chinese. */
export type TempMailRefusal =
  | 'site-password'
  | 'admin-password'
  | 'credential'
  | 'token'
  | 'not-found'
  | 'input'
  | 'missing-field'
  | 'creation-disabled'
  | 'address'
  | 'address-exists'
  | 'address-not-found'
  | 'no-address'
  | 'name-too-short'
  | 'name-too-long'
  | 'domain'
  | 'login-disabled'
  | 'login-fields'
  | 'login'
  | 'recipient'
  | 'subject'
  | 'content'
  | 'already-requested'
  | 'limit'
  | 'offset'
  | 'balance-id'
  | 'no-secret'
  | Extract<
      RefusalReason,
      'no-balance' | 'blocked' | 'quota-day' | 'quota-month' | 'no-provider' | 'rejected'
    >;

/** A refusal with a text of temp-mail; `message` is the English text. */
export class TempMailError extends AppError {
  readonly refusal: TempMailRefusal;
  /** What the text is about: a limit, a domain, the reply of a server. '' when there is nothing to add. */
  readonly detail: string;

  constructor(refusal: TempMailRefusal, detail = '') {
    const { code, english, isReason } = REFUSALS[refusal];
    // A refusal that is a reason has the name of that reason.
    super(code, withDetail(english, detail), isReason ? { reason: refusal as RefusalReason } : {});
    this.name = 'TempMailError';
    this.refusal = refusal;
    this.detail = detail;
  }
}

/** Adds the detail in parentheses to a text. Without a text, the detail stands alone. */
export function withDetail(text: string, detail: string): string {
  if (detail === '') return text;
  return text === '' ? detail : `${text} (${detail})`;
}

/** Returns the refusal of temp-mail for a reason; undefined when temp-mail has no text for it. */
export function refusalOfReason(reason: RefusalReason | undefined): TempMailRefusal | undefined {
  return reason !== undefined && reason in REFUSALS ? (reason as TempMailRefusal) : undefined;
}

interface Refusal {
  readonly code: ErrorCode;
  readonly english: string;
  readonly isReason?: true;
}

const REFUSALS: Readonly<Record<TempMailRefusal, Refusal>> = {
  'site-password': {
    code: 'unauthenticated',
    english: 'You have enabled the private site password, please provide the password',
  },
  'admin-password': {
    code: 'unauthenticated',
    english: 'You need to provide the admin password to access this page',
  },
  credential: { code: 'unauthenticated', english: 'Invalid address credential' },
  token: { code: 'unauthenticated', english: 'invalid JWT token' },
  'not-found': { code: 'not_found', english: 'Not Found' },
  input: { code: 'malformed', english: 'Invalid input' },
  'missing-field': { code: 'invalid', english: 'Required field is missing' },
  'creation-disabled': {
    code: 'forbidden',
    english: 'New address is disabled, please contact the administrator',
  },
  address: { code: 'invalid', english: 'Invalid address' },
  'address-exists': { code: 'invalid', english: 'Address already exists' },
  'address-not-found': { code: 'not_found', english: 'Address not found' },
  // The same text is used for a JWT without an address.
  'no-address': { code: 'invalid', english: 'Address not found' },
  'name-too-short': { code: 'invalid', english: 'Name is too short' },
  'name-too-long': { code: 'invalid', english: 'Name is too long' },
  domain: { code: 'invalid', english: 'Invalid domain' },
  'login-disabled': { code: 'forbidden', english: 'Password login is disabled' },
  'login-fields': { code: 'invalid', english: 'Email and password are required' },
  login: { code: 'unauthenticated', english: 'Invalid email or password' },
  recipient: { code: 'invalid', english: 'Invalid recipient address' },
  subject: { code: 'invalid', english: 'Subject is empty' },
  content: { code: 'invalid', english: 'Content is empty' },
  'already-requested': { code: 'invalid', english: 'Already requested' },
  limit: { code: 'invalid', english: 'Invalid limit' },
  offset: { code: 'invalid', english: 'Invalid offset' },
  'balance-id': { code: 'invalid', english: 'Invalid address_id' },
  'no-secret': { code: 'invalid', english: 'JWT_SECRET is not set, please contact the administrator' },
  'no-balance': { code: 'rate_limited', english: 'No balance', isReason: true },
  blocked: { code: 'forbidden', english: 'Address is blocked', isReason: true },
  'quota-day': {
    code: 'rate_limited',
    english: 'Server daily send quota has been reached',
    isReason: true,
  },
  'quota-month': {
    code: 'rate_limited',
    english: 'Server monthly send quota has been reached',
    isReason: true,
  },
  'no-provider': {
    code: 'invalid',
    english: 'Please enable resend, smtp or SEND_MAIL for this domain',
    isReason: true,
  },
  rejected: { code: 'invalid', english: '', isReason: true },
};
