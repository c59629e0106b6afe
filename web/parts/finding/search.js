// The search field, which suggests people and hashtags as one types.
import { html } from '../html.js';
import { useEffect, useId, useRef, useState } from '../../vendor/hooks.js';
import { paths } from '../../router.js';
import { words } from '../../words.js';
import { usePage } from '../context.js';
import { Icon } from '../icon.js';
import { optionId, Options } from '../options.js';

const NONE = { choices: [], place: -1 };

export function SearchField({ text = '' }) {
  const { router } = usePage();
  const field = useRef(null);
  const go = (path) => {
    suggesting.close();
    router.go(path);
  };
  const suggesting = useSuggestions((choice) => go(choice.tag ? paths.hashtag(choice.tag) : paths.person(choice.person.handle)));
  const send = (event) => {
    event.preventDefault();
    const typed = field.current.value.trim();
    if (typed) go(paths.search(typed));
  };
  useEffect(() => {
    field.current.value = text;
  }, [text]);
  const { id, choices, place, isOpen } = suggesting;
  return html`<form role="search" class="search-field" onSubmit=${send}>
    <${Icon} name="explore" size=${19} />
    <input ref=${field} type="text" inputmode="search" enterkeyhint="search" name="q" defaultValue=${text} placeholder=${words.search.placeholder} aria-label=${words.search.label}
      maxlength="280" autocomplete="off" autocapitalize="off" spellcheck="false" data-search
      role="combobox" aria-autocomplete="list" aria-haspopup="listbox" aria-expanded=${isOpen} aria-controls=${isOpen ? id : undefined}
      aria-activedescendant=${isOpen && place >= 0 ? optionId(id, place) : undefined}
      onInput=${({ currentTarget }) => suggesting.look(currentTarget.value)} onKeyDown=${suggesting.onKeyDown} onBlur=${suggesting.close} />
    <span class="spoken" role="status">${isOpen ? words.search.suggested(choices.length) : ''}</span>
    ${isOpen && html`<${Options} id=${id} label=${words.compose.suggestions} choices=${choices} place=${place} onTake=${suggesting.take} />`}
  </form>`;
}

/** Nothing is marked at first, so that Enter searches for what was typed. */
function useSuggestions(take) {
  const { desk } = usePage();
  const id = useId();
  const source = useRef(null);
  const [state, setState] = useState(NONE);
  const newest = useRef('');
  const close = () => {
    newest.current = '';
    setState(NONE);
  };
  const look = async (text) => {
    newest.current = text;
    source.current ??= await import('../../store/suggestions.js').then(({ Suggestions }) => new Suggestions(desk), () => null);
    if (!source.current || newest.current !== text) return;
    setState({ ...NONE, choices: source.current.atHand(text) });
    const choices = await source.current.asked(text);
    if (newest.current === text) setState((before) => ({ ...before, choices }));
  };
  const isOpen = state.choices.length > 0;
  const onKeyDown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!isOpen) return step === 1 ? look(event.currentTarget.value) : undefined;
    if (step) setState({ ...state, place: turned(state.place, step, state.choices.length) });
    else if (event.key === 'Escape') close();
    else if (event.key === 'Enter' && state.choices[state.place]) take(state.choices[state.place]);
    else return undefined;
    return event.preventDefault();
  };
  return { ...state, id, isOpen, close, look, take, onKeyDown };
}

/** The next place of a ring that has the field itself, at -1, between its end and its beginning. */
function turned(place, step, count) {
  return ((place + 1 + step + count + 1) % (count + 1)) - 1;
}
