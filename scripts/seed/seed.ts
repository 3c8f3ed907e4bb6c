// npm run seed -- --help: fills a gate with realistic mail.
import { parseArgs } from 'node:util';
import { apiOf } from '../../test/helpers/gates/api.ts';
import { fillGate, type ManagedTarget } from './fill-gate.ts';
import { findGate } from './find-gate.ts';
import { makeMail } from './make-mail.ts';
import { fillPastDays } from './past-days.ts';
import { makePeople } from './people.ts';
import { prepareGate } from './prepare-gate.ts';
import { createRandom } from './random.ts';
import type { SeedMail } from './seed-mail.ts';
import { type SmtpServers, startSmtpServers } from './smtp-servers.ts';

const USAGE = `npm run seed -- [--messages N] [--seed N] [--data DIR] [--smtp HOST:PORT]
npm run seed -- [--messages N] [--seed N] --url URL --key KEY [--smtp HOST:PORT]
npm run seed -- [--messages N] [--seed N] --data DIR --days N

Fills a gate with mail as applications send it: orders, invoices with attachments, newsletters, alerts and replies of a help
desk. It comes from six accounts through /v1, SMTP, turboSMTP and PowerMTA. This command runs SMTP servers on 127.0.0.1 that
accept most messages, and bounce, defer, greylist, reject or lose the others. One of four providers is down, and one requires
another password. At the end these providers are paused and keep their queued messages. All domains are reserved (RFC 2606),
and no mail leaves this machine. In development mode it also adds the users ada (admin), grace (operator) and vera (viewer)
with the password "correct horse battery".

  --messages N   number of messages, 1 to 10000 (default: 3000)
  --seed N       seed of the random numbers: the same seed produces the same mail (default: 1)
  --data DIR     data folder of the running development gate to fill (default: ./data)
  --url URL      fill this running gate on this machine, instead of the gate of a data folder
  --key KEY      with --url: a key of the gate with the scope manage
  --smtp H:P     host and port of the gate's SMTP listener (default: 127.0.0.1:8025)
  --days N       fill a data folder where no gate has run yet, as if a gate had run for N days, 1 to 60

Start a gate first: npm run dev. A gate that is not in development mode must permit clear text to 127.0.0.1.
`;

const MAX_MESSAGES = 10_000;
const MAX_DAYS = 60;
/** The average number of messages for one address. */
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
const isValid = isWhole(messages, 1, MAX_MESSAGES) && isWhole(seed, 0, 2 ** 31) && isWhole(days, 0, MAX_DAYS);
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

if (values.help || !isValid) {
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
  const servers = await startSmtpServers([first, ...others]);
  try {
    const options = { onAccepted: showProgress, signal: stop.signal };
    if (days > 0) await fillPastDays({ ...options, data: values.data, days, servers, mail });
    else await fillRunningGate(servers, mail);
  } finally {
    await servers.close();
  }
}

async function fillRunningGate(servers: SmtpServers, mail: readonly SeedMail[]): Promise<void> {
  const { http, adminKey, smtp } = await findGate(values);
  const api = apiOf({ http }, adminKey);
  const { keys, finish } = await prepareGate(api, servers);
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

function isWhole(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}
