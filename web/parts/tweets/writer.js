// The field in which a tweet is written: its weight as a ring, and a list that completes mentions and hashtags.
import { html } from '../html.js';
import { useEffect, useId, useMemo, useRef, useState } from '../../vendor/hooks.js';
import { Choices } from '../../store/choices.js';
import { completed, wordAt } from '../../text/completion.js';
import { words } from '../../words.js';
import { Avatar } from '../people/avatar.js';
import { useDesk } from '../context.js';
import { Quoted } from './tweet.js';
import { MOST, Weight, useWeight } from './weight.js';
import { useCell } from '../../store/cell.js';
import { placeOf } from '../../store/drafts.js';
import { Pictures } from '../../store/pictures.js';
import { Attachments, PictureButton, taking } from './attachments.js';

/**
 * `draft` is {inReplyTo, quoted}, with {text, key, error} where `text` was refused; `post` sends what is written,
 * `onSent` is called as soon as it is on its way.
 */
export function Writer({ draft = {}, label, placeholder, post, onSent = () => {}, hasFocus = false }) {
  const desk = useDesk();
  const place = placeOf(draft);
  const text = useCell(desk.drafts.cell(place));
  const setText = (written) => desk.drafts.write(place, written);
  const field = useRef(null);
  const completion = useCompletion(desk, field, setText);
  const weight = useWeight(text);
  const pictures = useMemo(() => new Pictures(desk.api), [desk]);
  const chosen = useCell(pictures.cell);
  const maySend = (text.trim() !== '' || chosen.length > 0) && pictures.isReady && weight <= MOST;
  useEffect(() => () => pictures.clear(), [pictures]);

  useEffect(() => {
    field.current.style.height = 'auto';
    field.current.style.height = `${field.current.scrollHeight}px`;
  }, [text]);
  useEffect(() => {
    if (hasFocus) field.current.focus();
  }, []);

  const send = () => {
    if (!maySend) return;
    const key = text === draft.text ? draft.key : undefined;
    setText('');
    (post ?? desk.outbox.post.bind(desk.outbox))({ ...draft, text, key, media: pictures.ids });
    pictures.clear();
    onSent();
  };
  const onKeyDown = (event) => {
    if (completion.onKeyDown(event)) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send();
  };

  return html`<form class="writer" ...${taking(pictures)} onSubmit=${(event) => (event.preventDefault(), send())}>
    <${Avatar} person=${{ handle: desk.handle }} />
    <div class="body">
      ${draft.error && html`<p class="field-error" role="alert">${draft.error}</p>`}
      <div class="field">
        <textarea ref=${field} rows="2" value=${text} placeholder=${placeholder} aria-label=${label} dir="auto"
          aria-haspopup="listbox" aria-autocomplete="list" aria-controls=${completion.isOpen ? completion.id : undefined}
          aria-activedescendant=${completion.active} onKeyDown=${onKeyDown} onBlur=${completion.close}
          onInput=${(event) => (setText(event.currentTarget.value), completion.look(event.currentTarget))}
          onClick=${(event) => completion.look(event.currentTarget)} />
        <${CompletionList} completion=${completion} />
      </div>
      <${Attachments} pictures=${pictures} />
      ${draft.quoted && html`<${Quoted} tweet=${draft.quoted} isLinked=${false} />`}
      <footer>
        <${PictureButton} pictures=${pictures} />
        <${Weight} weight=${weight} />
        <button type="submit" class="primary" disabled=${!maySend}>${draft.inReplyTo ? words.compose.replyVerb : words.compose.postVerb}</button>
      </footer>
    </div>
  </form>`;
}

function CompletionList({ completion }) {
  if (!completion.isOpen) return null;
  return html`<ul class="completion" role="listbox" id=${completion.id} aria-label=${words.compose.suggestions}>
    ${completion.choices.map((choice, place) => html`<li role="option" key=${choice.key} id=${`${completion.id}-${place}`}
      aria-selected=${place === completion.place} onPointerDown=${(event) => (event.preventDefault(), completion.take(choice))}>
      ${choice.person
        ? html`<${Avatar} person=${choice.person} size=${32} /><span><b>${choice.person.name}</b> <span class="handle">@${choice.person.handle}</span></span>`
        : html`<b>#${choice.tag}</b>`}
    </li>`)}
  </ul>`;
}

function useCompletion(desk, field, setText) {
  const id = useId();
  const choicesOf = useMemo(() => new Choices(desk), [desk]);
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
    setState({ word, choices: choicesOf.atHand(word), place: 0 });
    const choices = await choicesOf.asked(word);
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
  return { ...state, id, isOpen, close, look, take, onKeyDown, active: isOpen ? `${id}-${state.place}` : undefined };
}
