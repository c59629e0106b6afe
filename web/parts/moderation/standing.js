// A decision as moderators see it: about what, why, and the way to take it back.
import { html } from '../html.js';
import { moderationWords } from '../../words/moderation.js';
import { useDesk } from '../context.js';
import { Icon } from '../icon.js';
import { revoke } from './decide.js';
import { AppealState, Grounds, Subject } from './decision.js';

const { room } = moderationWords;

/** `children` stands in place of the button that revokes; `heading` is the element of the title. */
export function Standing({ decision, onRevoked, heading = 'h2', children }) {
  const desk = useDesk();
  const { action, subject, appeal } = decision;
  const title = room.actions[action];
  return html`<article class="decision" tabindex="0" aria-label=${title}>
    <${heading}><${Icon} name="shield" size=${18} />${title}<//>
    <${Grounds} decision=${decision} />
    <${Subject} subject=${subject} gone=${room.gone} />
    ${appeal && html`<${AppealState} appeal=${appeal} />`}
    ${children ?? (!decision.revokedAt && html`<p class="buttons"><button type="button" onClick=${async () => (await revoke(desk, decision)) && onRevoked(decision)}>${room.revoke}</button></p>`)}
  </article>`;
}
