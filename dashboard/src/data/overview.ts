import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { withQuery } from './api.ts';
import { SESSION } from './session.ts';
import type { Overview } from './shapes.ts';

/** Which figures are wanted. */
export interface Figures {
  /** How far back, in ms. */
  readonly rangeMs: number;
  readonly provider?: string;
  readonly account?: string;
  readonly domain?: string;
}

export interface LiveOverview {
  readonly overview: Overview | undefined;
  /** The connection was lost; what is shown may be old. */
  readonly isLost: boolean;
}

/** A range moves on with time: its beginning is set again this often. */
const REOPEN_MS = 5 * 60_000;
/** A browser gives up where it is refused; then it is tried again after so long. */
const REFUSED_MS = 5_000;

/** How the gate does, live: every change comes by itself. */
export function useLiveOverview({ rangeMs, provider, account, domain }: Figures): LiveOverview {
  const [overview, setOverview] = useState<Overview>();
  const [isLost, setLost] = useState(false);
  const client = useQueryClient();
  useEffect(() => {
    let refused: ReturnType<typeof setTimeout> | undefined;
    let source: EventSource | undefined;
    const open = () => {
      source?.close();
      clearTimeout(refused);
      const from = new Date(Date.now() - rangeMs).toISOString();
      source = new EventSource(withQuery('/v1/overview/stream', { from, provider, account, domain }));
      source.addEventListener('overview', event => {
        setOverview(JSON.parse(event.data));
        setLost(false);
      });
      source.addEventListener('error', () => {
        setLost(true);
        if (source?.readyState !== EventSource.CLOSED) return;
        // The session may have ended: if so, that shows the sign-in.
        void client.invalidateQueries({ queryKey: SESSION });
        refused = setTimeout(open, REFUSED_MS);
      });
    };
    open();
    const timer = setInterval(open, REOPEN_MS);
    return () => {
      clearInterval(timer);
      clearTimeout(refused);
      source?.close();
    };
  }, [client, rangeMs, provider, account, domain]);
  return { overview, isLost };
}
