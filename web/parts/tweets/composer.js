// The dialog in which one writes a tweet, a reply or a quote, or edits one.
import { html } from '../html.js';
import { useCell } from '../../store/cell.js';
import { placeOf } from '../../store/drafts.js';
import { words } from '../../words.js';
import { useDesk } from '../context.js';
import { Dialog } from '../dialog.js';
import { Quoted } from './tweet.js';
import { Writer } from './writer.js';

export function Composer() {
  const desk = useDesk();
  const draft = useCell(desk.composing);
  if (!draft) return null;
  const { inReplyTo, quoted, edited } = draft;
  const close = () => {
    if (edited) desk.drafts.drop(placeOf({ edited }));
    else desk.drafts.putBack(placeOf({ inReplyTo, quoted }));
    desk.composing.set(null);
  };
  const title = titleOf(draft);
  return html`<${Dialog} title=${title} onClose=${close} className="composer">
    ${edited && html`<p class="calm hint">${words.compose.editHint}</p>`}
    ${inReplyTo && html`<${Quoted} tweet=${inReplyTo} isLinked=${false} />`}
    <${Writer} key=${`${placeOf(draft)} ${draft.key}`} draft=${draft} label=${title} hasFocus onSent=${close}
      placeholder=${inReplyTo ? words.compose.replyPlaceholder : words.compose.placeholder} />
  <//>`;
}

function titleOf({ inReplyTo, quoted, edited }) {
  if (edited) return words.compose.editTitle;
  if (inReplyTo) return words.compose.replyTo(inReplyTo.author.handle);
  return quoted ? words.compose.quoteTitle : words.compose.title;
}
