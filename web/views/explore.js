// Where to begin: a search, what is talked about, and whom one may want to read.
import { html } from '../parts/html.js';
import { Heading } from '../parts/frame/heading.js';
import { SearchField, Trends, WhoToFollow } from '../parts/frame/side.js';
import { words } from '../words.js';

export function ExploreView() {
  return html`<${Heading} title=${words.nav.explore}><div class="heading-search"><${SearchField} /></div><//>
    <div class="explore"><${Trends} isBig /><${WhoToFollow} first=${8} /></div>`;
}
