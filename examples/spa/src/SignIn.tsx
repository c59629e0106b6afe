import { type FormEvent, useState } from 'react';
import { useRookery } from 'rookery-client/react';
import { useAct } from './useAct';

export function SignIn() {
  const rookery = useRookery();
  const [login, setLogin] = useState('demo');
  const [password, setPassword] = useState('');
  const { act, isActing, error } = useAct();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    act(() => rookery.signIn(login, password));
  };
  return (
    <form onSubmit={submit}>
      <h1>Sign in</h1>
      <label>
        Handle or address
        <input value={login} autoComplete="username" onChange={({ target }) => setLogin(target.value)} />
      </label>
      <label>
        Password
        <input
          type="password"
          value={password}
          autoComplete="current-password"
          onChange={({ target }) => setPassword(target.value)}
        />
      </label>
      {error && <p role="alert">{error}</p>}
      <button disabled={isActing}>Sign in</button>
    </form>
  );
}
