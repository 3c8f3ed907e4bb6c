import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { call } from '../data/api.ts';
import { keepToken, SESSION } from '../data/session.ts';
import type { SessionState } from '../data/shapes.ts';
import { Field } from '../parts/field.tsx';
import { Failure } from '../parts/notice.tsx';

type Method = 'password' | 'token';

/** The sign-in form: user name and password, or the operator token. */
export function SignInPage() {
  const client = useQueryClient();
  const [method, setMethod] = useState<Method>('password');
  const signIn = useMutation({
    mutationFn: (body: object) => call<SessionState>('POST', '/v1/session', body),
    onSuccess: state => client.setQueryData(SESSION, keepToken(state)),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    signIn.mutate(
      method === 'token'
        ? { token: text('token') }
        : { user: text('user'), password: String(form.get('password') ?? '') },
    );
  };
  return (
    <main className="sign-in">
      <h1>
        <img src="./icon.svg" alt="" width="32" height="32" /> Postern
      </h1>
      <form onSubmit={submit} key={method}>
        {method === 'password' ? <PasswordFields /> : <TokenField />}
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
          setMethod(method === 'token' ? 'password' : 'token');
        }}
      >
        {method === 'token' ? 'Use a user name and password' : 'Use an operator token'}
      </button>
    </main>
  );
}

function PasswordFields() {
  return (
    <>
      <Field label="User name">
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
    <Field
      label="Operator token"
      hint="From the file operator-token in the data folder. A key with the scope manage works, too."
    >
      <input name="token" type="password" autoComplete="off" required maxLength={256} />
    </Field>
  );
}
