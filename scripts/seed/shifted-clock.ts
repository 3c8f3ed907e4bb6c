// Preloaded by a gate. It shifts the gate's clock by SEED_CLOCK_OFFSET_MS. Timers are not affected.
const offsetMs = Number(process.env['SEED_CLOCK_OFFSET_MS']);
const now = Date.now;

globalThis.Date = new Proxy(Date, {
  construct: (target, args, self) =>
    Reflect.construct(target, args.length === 0 ? [now() + offsetMs] : args, self),
  get: (target, name, self) => (name === 'now' ? () => now() + offsetMs : Reflect.get(target, name, self)),
});
