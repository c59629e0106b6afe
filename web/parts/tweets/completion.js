// Mentions and hashtags that are completed in the field in which somebody writes.
import { useId, useRef, useState } from '../../vendor/hooks.js';
import { completed, wordAt } from '../../text/completion.js';
import { optionId } from '../options.js';

/** `field` is the reference to a textarea; `setText` keeps what stands in it then. */
export function useCompletion(desk, field, setText) {
  const id = useId();
  const source = useRef(null);
  const [state, setState] = useState({ word: null, choices: [], place: 0 });
  const newest = useRef(null);
  const close = () => {
    newest.current = null;
    setState({ word: null, choices: [], place: 0 });
  };
  const look = async (element) => {
    const word = wordAt(element.value, element.selectionStart);
    newest.current = word;
    if (!word) return close();
    source.current ??= await import('../../store/choices.js').then(({ Choices }) => new Choices(desk), () => null);
    if (!source.current || newest.current !== word) return undefined;
    setState({ word, choices: source.current.atHand(word), place: 0 });
    const choices = await source.current.asked(word);
    return newest.current === word ? setState((before) => ({ ...before, choices })) : undefined;
  };
  const take = (choice) => {
    const element = field.current;
    const done = completed(element.value, state.word, element.selectionStart, choice.key);
    setText(done.text);
    element.value = done.text;
    element.setSelectionRange(done.caret, done.caret);
    close();
  };
  const isOpen = state.choices.length > 0;
  const onKeyDown = (event) => {
    if (!isOpen) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const count = state.choices.length;
    if (step) setState({ ...state, place: (state.place + step + count) % count });
    else if (event.key === 'Enter' || event.key === 'Tab') take(state.choices[state.place]);
    else if (event.key === 'Escape') close();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  return { ...state, id, isOpen, close, look, take, onKeyDown, active: isOpen ? optionId(id, state.place) : undefined };
}
