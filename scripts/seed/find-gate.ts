import { readHolder, readOperatorToken } from '../../src/main/data-folder.ts';

export interface FoundGate {
  readonly http: string;
  readonly smtp: string;
  /** A key with the scope `manage`. */
  readonly adminKey: string;
}

/** The gate at a URL, or the gate that runs in a data folder. */
export async function findGate(given: {
  readonly url?: string | undefined;
  readonly key?: string | undefined;
  readonly smtp: string;
  readonly data: string;
}): Promise<FoundGate> {
  const { url, key, smtp, data } = given;
  if (url !== undefined) {
    if (key === undefined) throw new Error('--url requires --key: a key of that gate with the scope manage.');
    return { http: url.replace(/\/$/, ''), smtp, adminKey: key };
  }
  const [http, adminKey] = [readHolder(data)?.http, readOperatorToken(data)];
  if (http === undefined || adminKey === undefined || !(await isReady(http)))
    throw new Error(`No gate runs in the data folder ${data}. Start one with: npm run dev -- --data ${data}`);
  return { http, smtp, adminKey };
}

async function isReady(http: string): Promise<boolean> {
  try {
    return (await fetch(`${http}/readyz`)).ok;
  } catch {
    return false;
  }
}
