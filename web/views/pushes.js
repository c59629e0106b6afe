// The switch of pushes to this browser.
import { html } from '../parts/html.js';
import { usePage } from '../parts/context.js';
import { Toggle } from '../parts/form.js';
import { useState } from '../vendor/hooks.js';
import { isPushed } from '../store/device.js';
import { canPush, isDenied, turnOff, turnOn } from '../store/pushes.js';
import { settingsWords } from '../words/settings.js';

export function Pushes() {
  const { desk } = usePage();
  const [isOn, show] = useState(canPush() && isPushed(desk.handle) && !isDenied());
  const turn = async (wanted) => {
    show(wanted);
    try {
      if (!wanted) {
        await turnOff(desk);
        return;
      }
      if (await turnOn(desk)) return;
      desk.toasts.say(settingsWords.pushDenied);
      show(false);
    } catch (error) {
      desk.toasts.failed(error);
      show(!wanted);
    }
  };
  if (!canPush()) return html`<p class="calm">${settingsWords.noPush}</p>`;
  return html`<${Toggle} label=${settingsWords.push} hint=${settingsWords.pushHint} isOn=${isOn} onTurn=${turn} />`;
}
