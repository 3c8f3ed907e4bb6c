import type { ProviderPreset } from '../../operations/provider-operations.ts';

const STARTTLS = { port: 587, encryption: 'tls', username: '' } as const;
const NO_LIMITS = { maxPerSecond: null, maxPerMinute: null, maxPerDay: null } as const;

/** SMTP settings of common providers, from their own documentation. */
export const PROVIDER_PRESETS: readonly ProviderPreset[] = [
  {
    ...{ name: 'ses', caption: 'Amazon SES', ...STARTTLS, ...NO_LIMITS, maxConnections: 10 },
    host: 'email-smtp.us-east-1.amazonaws.com',
    usernameHint: 'SMTP user name from the SES console, not an access key',
    passwordHint: 'The SMTP password of this user name',
    note: 'Put your region into the host name. SES shows your sending rate and daily quota: set them as limits.',
    docs: 'https://docs.aws.amazon.com/ses/latest/dg/send-email-smtp.html',
  },
  {
    ...{ name: 'sendgrid', caption: 'Twilio SendGrid', ...STARTTLS, ...NO_LIMITS, maxConnections: 20 },
    host: 'smtp.sendgrid.net',
    username: 'apikey',
    usernameHint: 'The word apikey',
    passwordHint: 'An API key with the permission Mail Send',
    note: 'Senders must be verified at SendGrid.',
    docs: 'https://www.twilio.com/docs/sendgrid/for-developers/sending-email/integrating-with-the-smtp-api',
  },
  {
    ...{ name: 'mailgun', caption: 'Mailgun', ...STARTTLS, ...NO_LIMITS, maxConnections: 20 },
    host: 'smtp.mailgun.org',
    usernameHint: 'postmaster@ and your domain, as shown under SMTP credentials',
    passwordHint: 'The password of these credentials',
    note: 'Domains in the EU region use smtp.eu.mailgun.org.',
    docs: 'https://documentation.mailgun.com/docs/mailgun/user-manual/sending-messages/send-smtp',
  },
  {
    ...{ name: 'postmark', caption: 'Postmark', ...STARTTLS, ...NO_LIMITS, maxConnections: 10 },
    host: 'smtp.postmarkapp.com',
    usernameHint: 'Server API token, or the access key of an SMTP token',
    passwordHint: 'The same server API token, or the secret key',
    note: 'For broadcasts use smtp-broadcasts.postmarkapp.com.',
    docs: 'https://postmarkapp.com/developer/user-guide/send-email-with-smtp',
  },
  {
    ...{ name: 'gmail', caption: 'Gmail', ...STARTTLS, ...NO_LIMITS, maxConnections: 5 },
    host: 'smtp.gmail.com',
    usernameHint: 'Your whole Gmail address',
    passwordHint: 'An app password (requires 2-step verification)',
    maxPerDay: 500,
    note: 'A personal account may send to 500 recipients a day, a Google Workspace account to 2,000.',
    docs: 'https://support.google.com/mail/answer/7104828',
  },
  {
    ...{ name: 'microsoft365', caption: 'Microsoft 365', ...STARTTLS, ...NO_LIMITS, maxConnections: 3 },
    host: 'smtp.office365.com',
    usernameHint: 'Address of a licensed mailbox',
    passwordHint: 'Its password. SMTP AUTH must be enabled for the mailbox',
    maxPerMinute: 30,
    maxPerDay: 10_000,
    note: 'The sender must be this mailbox, or a mailbox for which it has the Send As permission.',
    docs: 'https://learn.microsoft.com/exchange/mail-flow-best-practices/how-to-set-up-a-multifunction-device-or-application-to-send-email-using-microsoft-365-or-office-365',
  },
  {
    ...{ name: 'own', caption: 'Own server', ...STARTTLS, ...NO_LIMITS, maxConnections: 20 },
    host: '',
    usernameHint: 'Leave it empty if the server needs no login',
    passwordHint: '',
    note: 'Port 465 uses implicit TLS (ssl). Ports 587 and 25 use STARTTLS (tls).',
    docs: '',
  },
];
