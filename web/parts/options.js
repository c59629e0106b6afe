// The list of choices that hangs under a field while one types: people and hashtags.
import { html } from './html.js';
import { Avatar } from './people/avatar.js';

/** `choices` are {key, person} or {key, tag}; the one at `place` is marked, and has the id that the field points at. */
export function Options({ id, label, choices, place, onTake }) {
  return html`<ul class="completion" role="listbox" id=${id} aria-label=${label}>
    ${choices.map((choice, at) => html`<li role="option" key=${choice.tag ? `#${choice.tag}` : choice.key} id=${optionId(id, at)} aria-selected=${at === place}
      onPointerDown=${(event) => event.preventDefault()} onClick=${() => onTake(choice)}>
      ${choice.person
        ? html`<${Avatar} person=${choice.person} size=${32} /><span><b>${choice.person.name}</b> <span class="handle">@${choice.person.handle}</span></span>`
        : html`<b dir="auto">#${choice.tag}</b>`}
    </li>`)}
  </ul>`;
}

export function optionId(id, place) {
  return `${id}-${place}`;
}
