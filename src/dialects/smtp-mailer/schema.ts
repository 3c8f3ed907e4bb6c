import { Type } from 'typebox';

const mailboxes = Type.Union([Type.String(), Type.Array(Type.String())], {
  description: 'Text, a comma list, or an array; each item may be `Name <a@b.example>`.',
});

/** The body of a request, for the API description. */
export const BODY_SCHEMA = Type.Object({
  from: Type.String({ description: 'Also the envelope sender.' }),
  to: Type.Optional(mailboxes),
  cc: Type.Optional(mailboxes),
  bcc: Type.Optional(mailboxes),
  replyTo: Type.Optional(mailboxes),
  subject: Type.Optional(Type.String()),
  text: Type.Optional(Type.String()),
  html: Type.Optional(Type.String()),
});

/** The headers that matter. */
export const HEADER_TEXTS = {
  server:
    'Host of the SMTP server; or `X-SMTP-Server`. Absent with port and secure: the one known for the mailbox.',
  port: 'Its port; or `X-SMTP-Port`.',
  secure:
    '`true`: TLS from the start, on port 587 STARTTLS. `false`: STARTTLS if offered. Or `X-SMTP-Secure`.',
  email: 'User name at that server; or in `Authorization: Basic`.',
  password: 'Password there; or in `Authorization: Basic`. Never stored.',
};

const addresses = Type.Array(Type.String());

/** What came of the attempt, as nodemailer tells it. */
export const RESULT_SCHEMA = Type.Object({
  message: Type.Literal('Email sent successfully'),
  info: Type.Object({
    accepted: addresses,
    rejected: addresses,
    ehlo: Type.Array(Type.String()),
    envelopeTime: Type.Number({ description: 'Milliseconds.' }),
    messageTime: Type.Number({ description: 'Milliseconds.' }),
    messageSize: Type.Number({ description: 'Bytes.' }),
    response: Type.String({ description: 'The reply to the end of the message.' }),
    envelope: Type.Object({ from: Type.String(), to: addresses }),
    messageId: Type.String(),
  }),
});

export const ERROR_SCHEMA = Type.Object({
  message: Type.String({ description: 'What went wrong, to be shown.' }),
  code: Type.String({
    description: 'The same for programs, such as `UNKNOWN_OUTCOME`: do not send again blindly.',
  }),
  response: Type.Optional(
    Type.String({ description: 'The SMTP reply to AUTH, MAIL, RCPT, DATA or the message.' }),
  ),
});
