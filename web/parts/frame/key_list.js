// The list of keys.
import { html } from '../html.js';
import { keyWords } from '../../words/keys.js';
import { Dialog } from '../dialog.js';

export function KeyList({ onClose }) {
  return html`<${Dialog} title=${keyWords.title} onClose=${onClose} className="small">
    <dl class="keys">${keyWords.list.map(([key, text]) => html`<div key=${key}><dt><kbd>${key}</kbd></dt><dd>${text}</dd></div>`)}</dl>
  <//>`;
}
