import type { Provider } from '../data/shapes.ts';

const TEXTS = ['caption', 'host', 'username', 'sendFrom', 'sendFromName', 'directory'];
const NUMBERS = ['port', 'maxConnections', 'priority', 'weight'];
const LIMITS = ['maxPerSecond', 'maxPerMinute', 'maxPerHour', 'maxPerDay'];

/** Builds the request body from the form. An empty password keeps the stored one. */
export function settingsOf(form: FormData, kind: Provider['kind'], old: Provider | undefined): object {
  const settings: Record<string, unknown> = old === undefined ? { kind } : {};
  const text = (name: string) => String(form.get(name) ?? '').trim();
  const fields = [...form.keys()];
  for (const name of fields.filter(field => TEXTS.includes(field))) settings[name] = text(name);
  for (const name of fields.filter(field => NUMBERS.includes(field) && text(field) !== '')) {
    settings[name] = Number(text(name));
  }
  for (const name of fields.filter(field => LIMITS.includes(field))) {
    settings[name] = text(name) === '' ? null : Number(text(name));
  }
  if (form.has('encryption')) settings['encryption'] = text('encryption');
  if (form.has('senderDomains'))
    settings['senderDomains'] = text('senderDomains')
      .split(/[\s,]+/)
      .filter(Boolean);
  // A password may begin or end with a space.
  const password = String(form.get('password') ?? '');
  return password === '' ? settings : { ...settings, password };
}
