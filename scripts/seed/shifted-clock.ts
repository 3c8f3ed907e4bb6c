// Loaded before a gate: its clock is SEED_CLOCK_OFFSET_MS away from the machine's. Timers run as always.
const offsetMs = Number(process.env['SEED_CLOCK_OFFSET_MS']);
const now = Date.now;

globalThis.Date = new Proxy(Date, {
  construct: (target, args, self) =>
    Reflect.construct(target, args.length === 0 ? [now() + offsetMs] : args, self),
  get: (target, name, self) => (name === 'now' ? () => now() + offsetMs : Reflect.get(target, name, self)),
});
