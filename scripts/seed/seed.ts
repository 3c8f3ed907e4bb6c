// npm run seed -- --help: fills a gate with realistic mail.
import { parseArgs } from 'node:util';
import { apiOf } from '../../test/helpers/gates/api.ts';
import { type FarEnds, startFarEnds } from './far-ends.ts';
import { fillGate, type ManagedTarget } from './fill-gate.ts';
import { findGate } from './find-gate.ts';
import { makeMail } from './make-mail.ts';
import { fillPastDays } from './past-days.ts';
import { makePeople } from './people.ts';
import { prepareGate } from './prepare-gate.ts';
import { createRandom } from './random.ts';
import type { SeedMail } from './seed-mail.ts';

const USAGE = `npm run seed -- [--messages N] [--seed N] [--data DIR] [--smtp HOST:PORT]
npm run seed -- [--messages N] [--seed N] --url URL --key KEY [--smtp HOST:PORT]
npm run seed -- [--messages N] [--seed N] --data DIR --days N

Fills a gate with mail as applications send it: orders, invoices with attachments, newsletters, alerts and answers of a help
desk, of six accounts, by /v1, SMTP, turboSMTP and PowerMTA. SMTP servers that this command runs on 127.0.0.1 deliver most
of it, and bounce, defer, greylist, reject or lose the rest; one of four providers is down, and one has another password.
Afterwards these providers are paused, with the mail that they could not deliver. All domains are reserved ones (RFC 2606), and
nothing leaves this machine. In development mode it also adds people who can sign in with the password "correct horse battery":
ada (admin), grace (operator) and vera (viewer).

  --messages N   how many, 1 to 10000 (default: 3000)
  --seed N       another number makes other mail, the same number the same mail (default: 1)
  --data DIR     data folder of the running development gate to fill (default: ./data)
  --url URL      a running gate on this machine, instead of that of a data folder
  --key KEY      with --url: a key of it with the scope manage
  --smtp H:P     where the gate listens for SMTP (default: 127.0.0.1:8025)
  --days N       fill a data folder where no gate has run yet, as if one had run for so many days, 1 to 60

Start a gate for it: npm run dev. A gate that is not in development mode must allow clear text to 127.0.0.1.
`;

const MOST_MESSAGES = 10_000;
const MOST_DAYS = 60;
/** So many messages go to one address, on average. */
const MESSAGES_PER_PERSON = 4;
const MISUSED = 2;

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '3000' },
    seed: { type: 'string', default: '1' },
    data: { type: 'string', default: './data' },
    days: { type: 'string', default: '0' },
    url: { type: 'string' },
    key: { type: 'string' },
    smtp: { type: 'string', default: '127.0.0.1:8025' },
    help: { type: 'boolean', default: false },
  },
});
const [messages, seed, days] = [Number(values.messages), Number(values.seed), Number(values.days)];
const isUsable =
  isWhole(messages, 1, MOST_MESSAGES) && isWhole(seed, 0, 2 ** 31) && isWhole(days, 0, MOST_DAYS);
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

if (values.help || !isUsable) {
  process.stdout.write(USAGE);
  process.exitCode = values.help ? 0 : MISUSED;
} else {
  await run().catch(error => {
    process.stderr.write(`seed: ${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  });
}

async function run(): Promise<void> {
  const random = createRandom(seed);
  const [first, ...others] = makePeople(random, Math.ceil(messages / MESSAGES_PER_PERSON));
  if (first === undefined) return;
  const mail = makeMail(random, [first, ...others], messages);
  const farEnds = await startFarEnds([first, ...others]);
  try {
    const options = { onAccepted: showProgress, signal: stop.signal };
    if (days > 0) await fillPastDays({ ...options, data: values.data, days, farEnds, mail });
    else await fillRunningGate(farEnds, mail);
  } finally {
    await farEnds.close();
  }
}

async function fillRunningGate(farEnds: FarEnds, mail: readonly SeedMail[]): Promise<void> {
  const { http, adminKey, smtp } = await findGate(values);
  const api = apiOf({ http }, adminKey);
  const { keys, finish } = await prepareGate(api, farEnds);
  const target: ManagedTarget = { http, smtp, adminKey, keys, offsetMs: 0 };
  try {
    await fillGate(target, mail, { onAccepted: showProgress, signal: stop.signal });
  } finally {
    await finish(api);
  }
}

function showProgress(count: number): void {
  process.stderr.write(`seed: ${count.toLocaleString('en')} of ${messages.toLocaleString('en')} accepted\n`);
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
