/** What one field of a request did wrong. */
export interface Problem {
  readonly field: string;
  readonly message: string;
}

/** A refusal of the gate, in its own words. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly problems: readonly Problem[];

  constructor(status: number, code: string, message: string, problems: readonly Problem[]) {
    super(message);
    this.status = status;
    this.code = code;
    this.problems = problems;
  }
}

export type QueryValues = Readonly<Record<string, string | number | undefined>>;

/** The most that a call may take, in ms. */
const PATIENCE_MS = 30_000;

let csrf = '';

/** Sets the token that every change is sent with; the session tells it. */
export function setCsrfToken(token: string): void {
  csrf = token;
}

/** The path with a query of those values that are there. */
export function withQuery(path: string, values: QueryValues): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== '') query.set(name, String(value));
  }
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** Calls the management API and gives its JSON; refusals are thrown as ApiError. */
export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(path, {
    method,
    headers: {
      accept: 'application/json',
      ...(method !== 'GET' && { 'x-csrf-token': csrf }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const text = await response.text();
  if (!response.ok) throw refusalOf(response.status, text);
  // The one edge where JSON gets its type: the gate is of the same version as this page, which it served.
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** The same, for text. */
export async function callText(path: string): Promise<string> {
  const response = await fetch(path, { signal: AbortSignal.timeout(PATIENCE_MS) });
  const text = await response.text();
  if (!response.ok) throw refusalOf(response.status, text);
  return text;
}

function refusalOf(status: number, text: string): ApiError {
  try {
    const { code, message, problems } = JSON.parse(text).error;
    return new ApiError(status, String(code), String(message), Array.isArray(problems) ? problems : []);
  } catch {
    return new ApiError(status, 'unreadable', `The gate answered ${status}.`, []);
  }
}
