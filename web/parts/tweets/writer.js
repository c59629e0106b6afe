// The field in which a tweet is written: its weight as a ring, and a list that completes mentions and hashtags.
import { html } from '../html.js';
import { useEffect, useMemo, useRef } from '../../vendor/hooks.js';
import { words } from '../../words.js';
import { Avatar } from '../people/avatar.js';
import { useDesk } from '../context.js';
import { Options } from '../options.js';
import { useCompletion } from './completion.js';
import { AudienceChoice, isWhole, SensitiveChoice, WarningButton, WarningField } from './manner.js';
import { Quoted } from './tweet.js';
import { MOST, Weight, useWeight } from './weight.js';
import { useCell } from '../../store/cell.js';
import { mannerOf, PLAIN, placeOf } from '../../store/drafts.js';
import { chosenBefore, Pictures } from '../../store/pictures.js';
import { Attachments, PictureButton, taking } from './attachments.js';

/**
 * `draft` is {inReplyTo, quoted, edited}, with {text, chosen, key, error} where that was refused; `post` sends what is written,
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
  const pictures = useMemo(() => new Pictures(desk.api, { given: draft.chosen ?? draft.edited?.media.map(chosenBefore) }), [desk]);
  const chosen = useCell(pictures.cell);
  const manner = mannerOf(useCell(desk.drafts.mannerCell(place)));
  const change = (fields) => desk.drafts.writeManner(place, { ...manner, ...fields });
  const maySend = isWhole(manner) && (text.trim() !== '' || chosen.length > 0) && pictures.isReady && weight <= MOST;
  useEffect(() => () => pictures.clear(), [pictures]);

  useEffect(() => {
    field.current.style.height = 'auto';
    field.current.style.height = `${field.current.scrollHeight}px`;
  }, [text]);
  useEffect(() => {
    if (hasFocus) field.current.focus();
  }, []);

  const quoted = draft.quoted ?? draft.edited?.quoted;
  const send = () => {
    if (!maySend) return;
    const key = text === draft.text ? draft.key : undefined;
    setText('');
    desk.drafts.writeManner(place, PLAIN);
    (post ?? ((written) => desk.outbox[draft.edited ? 'edit' : 'post'](written)))({ ...draft, text, key, manner, chosen: pictures.handOver() });
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
      <${WarningField} manner=${manner} change=${change} />
      <div class="field">
        <textarea ref=${field} rows="2" value=${text} placeholder=${placeholder} aria-label=${label} dir="auto"
          aria-haspopup="listbox" aria-autocomplete="list" aria-controls=${completion.isOpen ? completion.id : undefined}
          aria-activedescendant=${completion.active} onKeyDown=${onKeyDown} onBlur=${completion.close}
          onInput=${(event) => (setText(event.currentTarget.value), completion.look(event.currentTarget))}
          onClick=${(event) => completion.look(event.currentTarget)} />
        ${completion.isOpen && html`<${Options} id=${completion.id} label=${words.compose.suggestions} choices=${completion.choices} place=${completion.place} onTake=${completion.take} />`}
      </div>
      <${Attachments} pictures=${pictures} />
      ${chosen.length > 0 && html`<${SensitiveChoice} manner=${manner} change=${change} />`}
      ${quoted && html`<${Quoted} tweet=${quoted} isLinked=${false} />`}
      <footer>
        <${PictureButton} pictures=${pictures} />
        <${WarningButton} manner=${manner} change=${change} />
        ${!draft.inReplyTo && !draft.edited && html`<${AudienceChoice} manner=${manner} change=${change} />`}
        <${Weight} weight=${weight} />
        <button type="submit" class="primary" disabled=${!maySend}>${verbOf(draft)}</button>
      </footer>
    </div>
  </form>`;
}

function verbOf({ inReplyTo, edited }) {
  if (edited) return words.acts.save;
  return inReplyTo ? words.compose.replyVerb : words.compose.postVerb;
}
