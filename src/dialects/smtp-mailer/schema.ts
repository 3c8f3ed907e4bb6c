import { Type } from 'typebox';

const mailboxes = Type.Union([Type.String(), Type.Array(Type.String())], {
  description: 'One address, a comma list, or an array. Each item may be `Name <a@b.example>`.',
});

/** The body of a request, for /openapi.json. */
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

/** The request headers, for /openapi.json. */
export const HEADER_TEXTS = {
  server:
    'Host of the SMTP server, also as `X-SMTP-Server`. If server, port and secure are all absent: the server of the mail domain.',
  port: 'Port of the SMTP server, also as `X-SMTP-Port`.',
  secure:
    '`true`: implicit TLS, on port 587 STARTTLS. `false`: STARTTLS if offered. Also as `X-SMTP-Secure`.',
  email: 'User name for the SMTP server, also in `Authorization: Basic`.',
  password: 'Password for the SMTP server, also in `Authorization: Basic`. It is never stored.',
};

const addresses = Type.Array(Type.String());

/** The result of the attempt in the format of Nodemailer. */
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
  message: Type.String({ description: 'The error, for people.' }),
  code: Type.String({
    description: 'The error, for programs. After `UNKNOWN_OUTCOME` the message may have been delivered.',
  }),
  response: Type.Optional(
    Type.String({ description: 'The SMTP reply to AUTH, MAIL, RCPT, DATA or the end of the message.' }),
  ),
});
