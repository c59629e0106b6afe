import { type FormEvent, useState } from 'react';
import { useRookery } from 'rookery-client/react';
import { useAct } from './useAct';

export function Composer() {
  const rookery = useRookery();
  const [text, setText] = useState('');
  const { act, error } = useAct();
  // The tweet shows at once; where the server refuses it, its text comes back.
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setText('');
    if (!(await act(() => rookery.post({ text })))) setText(text);
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <label>
        What is new?
        <textarea value={text} onChange={({ target }) => setText(target.value)} />
      </label>
      {error && <p role="alert">{error}</p>}
      <button disabled={!text.trim()}>Tweet</button>
    </form>
  );
}
