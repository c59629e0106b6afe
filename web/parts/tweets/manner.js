// How a tweet is to be read and answered: a warning before it, covered pictures, and who may answer.
import { html } from '../html.js';
import { useEffect, useRef } from '../../vendor/hooks.js';
import { words } from '../../words.js';
import { Icon } from '../icon.js';
import { Menu } from '../menu.js';

const AUDIENCES = { EVERYONE: 'globe', FOLLOWING: 'person', FOLLOWERS: 'people', MENTIONED: 'at' };
const MOST_WARNING = 100;

/** Whether a warning that was asked for is written, too. */
export function isWhole({ contentWarning }) {
  return contentWarning === null || contentWarning.trim() !== '';
}

/** The field of the warning, where one was asked for. */
export function WarningField({ manner, change }) {
  const field = useRef(null);
  const isAsked = manner.contentWarning !== null;
  useEffect(() => {
    if (isAsked && !manner.contentWarning) field.current.focus();
  }, [isAsked]);
  if (!isAsked) return null;
  return html`<input ref=${field} type="text" class="warning-field" value=${manner.contentWarning} maxlength=${MOST_WARNING} dir="auto"
    placeholder=${words.compose.warning} aria-label=${words.compose.warning} onInput=${({ currentTarget }) => change({ contentWarning: currentTarget.value })} />`;
}

export function WarningButton({ manner, change }) {
  const isOn = manner.contentWarning !== null;
  return html`<button type="button" class=${`round ${isOn ? 'chosen' : ''}`} aria-pressed=${isOn} aria-label=${words.compose.addWarning} title=${words.compose.addWarning}
    onClick=${() => change({ contentWarning: isOn ? null : '' })}><${Icon} name="warning" /></button>`;
}

export function SensitiveChoice({ manner, change }) {
  return html`<label class="sensitive-choice"><input type="checkbox" checked=${manner.isSensitive} onChange=${({ currentTarget }) => change({ isSensitive: currentTarget.checked })} />
    ${words.compose.sensitive}</label>`;
}

export function AudienceChoice({ manner, change }) {
  const { replyAudience: chosen } = manner;
  return html`<${Menu} label=${words.compose.audience(words.audiences[chosen])} className=${`audience ${chosen === 'EVERYONE' ? '' : 'chosen'}`}
    items=${Object.entries(AUDIENCES).map(([audience, icon]) => ({
      label: words.audiences[audience], icon: audience === chosen ? 'check' : icon, run: () => change({ replyAudience: audience }),
    }))}><${Icon} name=${AUDIENCES[chosen]} size=${18} /><span>${words.audiences[chosen]}</span><//>`;
}
