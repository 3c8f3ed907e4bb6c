// All icons use a 16-pixel grid and 1.5-pixel lines.
const PATHS = {
  overview: 'M2 13.5h12M3.5 11V7.5M7 11V3M10.5 11V6M13 11V4.5',
  inbox: 'M2.5 9 4.5 3h7l2 6v4h-11V9Zm0 0h3.2c.3 1.2 1.1 1.8 2.3 1.8s2-.6 2.3-1.8h3.2',
  messages: 'M2 3.5h12v9H2v-9Zm0 .7 6 4.6 6-4.6',
  queue: 'M2.5 4h11M2.5 8h7.5M2.5 12h5M12 9v4.2m0 0-1.7-1.7M12 13.2l1.7-1.7',
  bounces: 'M13.5 13V9.5a3 3 0 0 0-3-3H3m0 0L6 3.5M3 6.5l3 3',
  providers: 'M2.5 3h11v4h-11V3Zm0 6h11v4h-11V9ZM5 5h.01M5 11h.01',
  accounts: 'M9.6 9.4a3.6 3.6 0 1 0-3-3L2.5 10.6v2.9h2.8v-1.7H7v-1.6l2.6-.8ZM10.8 5.2h.01',
  addresses:
    'M10.3 8A2.3 2.3 0 1 1 8 5.7c1.5 0 2.3 1 2.3 2.3Zm0 0c0 1.2.6 1.9 1.6 1.9 1.1 0 1.8-.8 1.8-2A5.7 5.7 0 1 0 11.2 13',
  users:
    'M6 7.5a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6ZM1.8 13.3c.3-2.3 1.9-3.6 4.2-3.6s3.9 1.3 4.2 3.6M10.5 3.2a2.2 2.2 0 0 1 0 4.1M12 9.9c1.3.5 2 1.6 2.2 3.4',
  audit: 'M3.5 2h9v12h-9V2ZM6 5.5h4M6 8h4M6 10.5h2.5',
} as const;

export type IconName = keyof typeof PATHS;

/** A decorative icon next to a word with the same meaning. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
