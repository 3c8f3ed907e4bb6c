import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { call } from '../data/api.ts';
import { SESSION, useSession } from '../data/session.ts';
import { to, useLocation } from '../route.ts';
import { applyTheme, storedTheme, type Theme } from '../theme.ts';
import { Icon, type IconName } from './icon.tsx';

interface Entry {
  readonly path: IconName;
  readonly title: string;
  readonly isHidden?: boolean;
}

/** Links to all pages, the theme, and the signed-in user. */
export function Navigation() {
  const session = useSession();
  const groups: readonly (readonly [string, readonly Entry[]])[] = [
    [
      'Mail',
      [
        { path: 'overview', title: 'Overview' },
        { path: 'inbox', title: 'Inbox', isHidden: !session.development },
        { path: 'messages', title: 'Messages' },
        { path: 'queue', title: 'Queue' },
        { path: 'bounces', title: 'Bounces' },
      ],
    ],
    [
      'Settings',
      [
        { path: 'providers', title: 'Providers' },
        { path: 'accounts', title: 'Accounts' },
        { path: 'addresses', title: 'Temporary addresses' },
        { path: 'users', title: 'Users', isHidden: session.role !== 'admin' },
        { path: 'audit', title: 'Audit log' },
      ],
    ],
  ];
  return (
    <header className="side">
      <a className="brand" href={to('overview')}>
        <img src="./icon.svg" alt="" width="22" height="22" /> Postern
      </a>
      <nav aria-label="Pages">
        {groups.map(([name, entries]) => (
          <Group key={name} name={name} entries={entries.filter(({ isHidden }) => isHidden !== true)} />
        ))}
      </nav>
      <div className="side-foot">
        <ThemeSwitch />
        <p className="who">
          {session.kind === 'development' ? 'Development mode' : session.name} · {session.role}
        </p>
        {session.kind !== 'development' && <SignOut />}
      </div>
    </header>
  );
}

function Group({ name, entries }: { readonly name: string; readonly entries: readonly Entry[] }) {
  const [current = 'overview'] = useLocation().path;
  return (
    <>
      <p className="side-group" aria-hidden="true">
        {name}
      </p>
      <ul aria-label={name}>
        {entries.map(entry => (
          <EntryLink key={entry.path} entry={entry} isCurrent={current === entry.path} />
        ))}
      </ul>
    </>
  );
}

function EntryLink({ entry, isCurrent }: { readonly entry: Entry; readonly isCurrent: boolean }) {
  const ref = useRef<HTMLAnchorElement>(null);
  // On a phone the links are in one line that scrolls.
  useEffect(() => {
    if (isCurrent) ref.current?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [isCurrent]);
  return (
    <li>
      <a ref={ref} href={to(entry.path)} aria-current={isCurrent ? 'page' : undefined}>
        <Icon name={entry.path} /> {entry.title}
      </a>
    </li>
  );
}

function ThemeSwitch() {
  const [theme, setTheme] = useState(storedTheme);
  return (
    <select
      aria-label="Theme"
      value={theme}
      onChange={({ target: { value } }) => {
        const chosen: Theme = value === 'light' || value === 'dark' ? value : 'system';
        applyTheme(chosen);
        setTheme(chosen);
      }}
    >
      <option value="system">Theme: System</option>
      <option value="light">Theme: Light</option>
      <option value="dark">Theme: Dark</option>
    </select>
  );
}

function SignOut() {
  const client = useQueryClient();
  const signOut = async () => {
    await call('DELETE', '/v1/session');
    client.clear();
    await client.invalidateQueries({ queryKey: SESSION });
    location.reload();
  };
  return (
    <button type="button" className="quiet" onClick={signOut}>
      Sign out
    </button>
  );
}
