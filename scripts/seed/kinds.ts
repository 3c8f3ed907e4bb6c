// The kinds of mail that applications send, one function each.
import type { Person } from './people.ts';
import type { Random } from './random.ts';
import {
  BILLING,
  DRAFT_TAG,
  LEGACY,
  MONITORING,
  NEWSLETTER,
  type SeedMail,
  SHOP,
  SUPPORT,
} from './seed-mail.ts';

/** The input for one message. */
export interface MailContext {
  readonly random: Random;
  /** Number of the message, from 0. */
  readonly index: number;
  readonly to: Person;
  readonly others: readonly Person[];
}

const HOUR_MS = 3_600_000;

function compose(
  parts: Pick<SeedMail, 'application' | 'subject' | 'text'> & Partial<SeedMail>,
  { to }: MailContext,
): SeedMail {
  const text = `Hello ${to.name},\n\n${parts.text}\n\nKind regards\nLighthouse Books\n`;
  return { api: 'v1', to: [to], cc: [], attachments: [], tags: [], metadata: {}, ...parts, text };
}

export function order(context: MailContext): SeedMail {
  const { random, index } = context;
  const number = 100_000 + index;
  const items = Array.from({ length: random.between(1, 6) }, () => ({
    title: random.pick([
      'A Guide to SMTP',
      'Queues in Practice',
      'The Art of Waiting',
      'Mail and Its Ways',
      'Notebook',
    ]),
    cents: random.between(490, 5_900),
  }));
  const lines = items.map(({ title, cents }) => `${title}: ${(cents / 100).toFixed(2)} EUR`);
  return compose(
    {
      application: SHOP,
      subject: random.chance(0.2)
        ? `Ihre Bestellung ${number} – vielen Dank für Ihren Einkauf`
        : `Your order ${number}`,
      text: `thank you for your order ${number}:\n\n${lines.join('\n')}`,
      html: page(`Your order ${number}`, `<ul>${lines.map(line => `<li>${line}</li>`).join('')}</ul>`),
      tags: ['order'],
      metadata: { referenceId: `order-${number}`, customerId: `c-${random.between(1, 5_000)}` },
    },
    context,
  );
}

export function dispatch(context: MailContext): SeedMail {
  const number = 100_000 + context.index;
  return compose(
    {
      application: SHOP,
      api: context.random.chance(0.5) ? 'turbosmtp' : 'v1',
      subject: `📦 Your order ${number} is on its way`,
      text: `your parcel left our warehouse today. Its number is LH${number}DE.`,
      html: page('On its way', `<p>Parcel <b>LH${number}DE</b> left our warehouse today.</p>`),
      tags: ['order', 'dispatch'],
      metadata: { referenceId: `order-${number}`, campaignId: 'dispatch' },
    },
    context,
  );
}

export function newsletter(context: MailContext): SeedMail {
  const { random } = context;
  const issue = random.between(1, 12);
  const story = '<p>We have read a shelf of books for you, and these are the ones that stayed with us.</p>';
  return compose(
    {
      application: NEWSLETTER,
      subject: `Lighthouse Letter ${issue}: ${random.pick(['books for long evenings', 'new this month', 'our favourites'])}`,
      text: 'this issue has its texts in the HTML part of this message.',
      html: page(`Lighthouse Letter ${issue}`, story.repeat(random.between(40, 400))),
      tags: ['newsletter', `issue-${issue}`],
      metadata: { campaignId: `newsletter-${issue}` },
      priority: 'bulk',
    },
    context,
  );
}

export function invoice(context: MailContext): SeedMail {
  const { random, index } = context;
  const number = `R-${2_000 + index}`;
  return compose(
    {
      application: BILLING,
      subject: random.chance(0.3) ? `Rechnung ${number} für März` : `Invoice ${number}`,
      text: `please find the invoice ${number} attached. It is due within 14 days.`,
      attachments: [
        {
          filename: `${number}.pdf`,
          contentType: 'application/pdf',
          content: fakePdf(random, random.between(8, 120)),
        },
      ],
      tags: ['invoice'],
      metadata: { referenceId: number },
    },
    context,
  );
}

export function passwordReset(context: MailContext): SeedMail {
  return compose(
    {
      application: SHOP,
      subject: 'Set a new password',
      text: `use this code within 30 minutes: ${context.random.between(100_000, 999_999)}`,
      tags: ['password-reset'],
      priority: 'high',
      expireInMs: HOUR_MS / 2,
    },
    context,
  );
}

export function welcome(context: MailContext): SeedMail {
  return compose(
    {
      application: SHOP,
      subject: `Welcome to Lighthouse Books, ${context.to.name}`,
      text: 'your account is ready. Your first order ships for free.',
      html: page('Welcome', '<p>Your account is ready.</p>'),
      tags: ['welcome'],
      metadata: { customerId: `c-${context.index}` },
    },
    context,
  );
}

/** A reply to a customer from a help desk over SMTP, with colleagues in Cc. */
export function ticket(context: MailContext): SeedMail {
  const number = 4_000 + (context.index % 700);
  return compose(
    {
      application: SUPPORT,
      api: 'smtp',
      cc: context.others.slice(0, 2),
      subject: `Re: [#${number}] ${context.random.pick(['Where is my parcel?', 'A page is missing', '返品について'])}`,
      text: 'we have looked into it, and a replacement is on its way to you.',
      tags: [],
    },
    context,
  );
}

export function alert(context: MailContext): SeedMail {
  const { random } = context;
  const host = `web-${random.between(1, 9)}`;
  return compose(
    {
      application: random.chance(0.5) ? MONITORING : LEGACY,
      api: random.chance(0.5) ? 'smtp' : 'v1',
      subject: `${random.pick(['CRITICAL', 'WARNING', 'OK'])}: ${host} load average ${random.between(1, 40)}`,
      text: `${host} reported this in minute ${context.index % 1_440} of the day.`,
      priority: 'high',
    },
    context,
  );
}

export function report(context: MailContext): SeedMail {
  const { random, to, others } = context;
  const rows = Array.from(
    { length: random.between(200, 4_000) },
    (_, at) => `${at},${random.between(1, 9_999)}`,
  );
  return {
    ...compose(
      { application: LEGACY, api: 'powermta', subject: 'Sales of yesterday', text: rows.join('\n') },
      context,
    ),
    to: [to, ...others],
  };
}

/** A scheduled message: half of them for the next day, half of them are drafts that are cancelled before they are due. */
export function reminder(context: MailContext): SeedMail {
  const isDraft = context.random.chance(0.5);
  return compose(
    {
      application: NEWSLETTER,
      subject: isDraft ? 'Sale! (draft, do not send)' : 'Your reading evening is tomorrow',
      text: 'we look forward to seeing you.',
      tags: isDraft ? [DRAFT_TAG] : ['reminder'],
      sendInMs: (isDraft ? 72 : 24) * HOUR_MS,
    },
    context,
  );
}

function page(title: string, body: string): string {
  return `<!doctype html><html><body style="font-family:sans-serif"><h1>${title}</h1>${body}</body></html>`;
}

/** Bytes with the size and the first line of a PDF. */
function fakePdf(random: Random, kib: number): Buffer {
  const block = Buffer.from(Array.from({ length: 1024 }, () => random.between(0, 255)));
  const content = Buffer.alloc(kib * 1024, block);
  content.write('%PDF-1.4\n');
  return content;
}
