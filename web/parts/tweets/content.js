// The text and pictures of a tweet, behind its warning where it has one.
import { html } from '../html.js';
import { useState } from '../../vendor/hooks.js';
import { words } from '../../words.js';
import { Icon } from '../icon.js';
import { Pictures } from './pictures.js';
import { TweetText } from './text.js';

/** `isLinked`: whether its words lead anywhere; `mayOpen`: whether there may be a button, as in a link there may not. */
export function Content({ tweet, isLinked = true, mayOpen = true }) {
  const [isOpen, open] = useState(false);
  const { contentWarning } = tweet;
  const isShown = !contentWarning || isOpen;
  return html`${contentWarning && html`<p class="warned"><${Icon} name="warning" size=${18} /><span dir="auto">${contentWarning}</span>
      ${mayOpen && html`<button type="button" aria-expanded=${isOpen} onClick=${() => open(!isOpen)}>${isOpen ? words.tweet.hide : words.tweet.reveal}</button>`}</p>`}
    ${isShown && html`<${TweetText} tweet=${tweet} isLinked=${isLinked} />`}
    ${isShown && html`<${Pictures} media=${tweet.media} isSensitive=${tweet.isSensitive} mayOpen=${mayOpen} />`}`;
}

/** What stands for the tweet in one line: its warning, its text, or what its pictures show. */
export function briefly({ contentWarning, text, media }) {
  if (contentWarning) return words.tweet.warned(contentWarning);
  return text || words.pictures.briefly(media ?? []);
}
