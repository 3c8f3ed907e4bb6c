import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { call } from '../data/api.ts';
import { keepToken, SESSION } from '../data/session.ts';
import type { SessionState } from '../data/shapes.ts';
import { Field } from '../parts/field.tsx';
import { Failure } from '../parts/notice.tsx';

type Way = 'password' | 'token';

/** Signs in with a user's password, or with a token that manages the gate. */
export function SignInPage() {
  const client = useQueryClient();
  const [way, setWay] = useState<Way>('password');
  const signIn = useMutation({
    mutationFn: (body: object) => call<SessionState>('POST', '/v1/session', body),
    onSuccess: state => client.setQueryData(SESSION, keepToken(state)),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    signIn.mutate(
      way === 'token'
        ? { token: text('token') }
        : { user: text('user'), password: String(form.get('password') ?? '') },
    );
  };
  return (
    <main className="sign-in">
      <h1>
        <img src="./icon.svg" alt="" width="32" height="32" /> Postern
      </h1>
      <form onSubmit={submit} key={way}>
        {way === 'password' ? <PasswordFields /> : <TokenField />}
        {signIn.error !== null && <Failure error={signIn.error} />}
        <button type="submit" className="primary" disabled={signIn.isPending}>
          {signIn.isPending ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
      <button
        type="button"
        className="quiet"
        onClick={() => {
          signIn.reset();
          setWay(way === 'token' ? 'password' : 'token');
        }}
      >
        {way === 'token' ? 'With a user and password instead' : 'With an admin token instead'}
      </button>
    </main>
  );
}

function PasswordFields() {
  return (
    <>
      <Field label="User">
        <input name="user" autoComplete="username" required maxLength={64} />
      </Field>
      <Field label="Password">
        <input name="password" type="password" autoComplete="current-password" required maxLength={256} />
      </Field>
    </>
  );
}

function TokenField() {
  return (
    <Field label="Admin token" hint="The operator token of the gate, or a key with the scope manage: pk_…">
      <input name="token" type="password" autoComplete="off" required maxLength={256} />
    </Field>
  );
}
