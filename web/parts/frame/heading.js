// The top of a view, with its title, which has the focus after each change of address.
import { html } from '../html.js';
import { useLayoutEffect, useRef } from '../../vendor/hooks.js';
import { words } from '../../words.js';
import { usePage, useTitle } from '../context.js';
import { Icon } from '../icon.js';
import { Account } from './rail.js';

/** `isFirst` is that of the view that one begins at; on a phone the account's menu is there. */
export function Heading({ title, detail, hasBack = false, isFirst = false, children }) {
  const { desk, router } = usePage();
  useTitle(title);
  return html`<header class="heading">
    <div class="line">
      ${hasBack && html`<button type="button" class="round" aria-label=${words.acts.back} onClick=${() => router.back()}><${Icon} name="back" /></button>`}
      <div class="titles"><h1 tabindex="-1">${title}</h1>${detail && html`<p>${detail}</p>`}</div>
      ${isFirst && desk.isSignedIn && html`<div class="phone-account"><${Account} /></div>`}
    </div>
    ${children}
  </header>`;
}

/** Links between lists of one view; `tabs` are {label, href, isCurrent}. */
export function Tabs({ label, tabs }) {
  const bar = useRef(null);
  const current = tabs.find(({ isCurrent }) => isCurrent)?.href;
  useLayoutEffect(() => {
    const tab = bar.current.querySelector('[aria-current]');
    if (tab) bar.current.scrollLeft = tab.offsetLeft - (bar.current.clientWidth - tab.offsetWidth) / 2;
  }, [current]);
  return html`<nav class="tabs" ref=${bar} aria-label=${label}>
    ${tabs.map((tab) => html`<a key=${tab.href} href=${tab.href} aria-current=${tab.isCurrent ? 'page' : undefined}>${tab.label}</a>`)}
  </nav>`;
}
