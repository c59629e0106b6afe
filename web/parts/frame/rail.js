// The ways through the page: a column beside it, or a bar under it on a phone.
import { html } from '../html.js';
import { LOGOUT } from '../../api/documents/signing.js';
import { paths } from '../../router.js';
import { useCell } from '../../store/cell.js';
import { words } from '../../words.js';
import { Avatar } from '../people/avatar.js';
import { graphiqlAddress, usePage } from '../context.js';
import { Icon } from '../icon.js';
import { Menu } from '../menu.js';

export function Rail() {
  const { desk, router } = usePage();
  const { view, params } = useCell(router.cell);
  const unread = useCell(desk.notifications.unread);
  const waiting = useCell(desk.home.waiting);
  const own = desk.handle;
  const isModerator = useModerator(desk);
  const to = (name, icon, href, more = {}) => ({ name, icon, href, isCurrent: view === more.view, ...more });
  const links = own
    ? [
        to(words.nav.home, 'home', '/', { view: 'home', hasDot: waiting.edges.length > 0 }),
        to(words.nav.explore, 'explore', '/explore', { view: 'explore' }),
        to(words.nav.notifications, 'bell', '/notifications', { view: 'notifications', badge: unread }),
        to(words.nav.bookmarks, 'bookmark', '/bookmarks', { view: 'bookmarks' }),
        to(words.nav.lists, 'people', '/lists', { isCurrent: view === 'lists' || view === 'list', isWide: true }),
        to(words.nav.profile, 'person', paths.person(own), { isCurrent: view === 'profile' && params.handle === own }),
        to(words.nav.campaigns, 'megaphone', '/campaigns', { isCurrent: view.toLowerCase().includes('campaign'), isWide: true }),
        to(words.nav.settings, 'gear', '/settings', { view: 'settings', isWide: true }),
        isModerator && to(words.nav.moderation, 'shield', '/moderation', { view: 'moderation', isWide: true }),
      ].filter(Boolean)
    : [to(words.nav.explore, 'explore', '/explore', { view: 'explore' })];
  return html`<header class="rail">
    <a class="logo" href="/" aria-label=${words.nav.logo}><img src="/icon.svg" alt="" width="38" height="38" /><span aria-hidden="true">Rookery</span></a>
    <nav aria-label=${words.nav.label}>${links.map((link) => html`<${RailLink} key=${link.href} ...${link} />`)}</nav>
    ${own && html`<button type="button" class="primary compose" onClick=${() => desk.composing.set({})}>
      <${Icon} name="feather" size=${22} /><span>${words.nav.compose}</span></button>`}
    ${own ? html`<${Account} />` : html`<p class="come-in">
      <a class="button" href="/welcome">${words.nav.signIn}</a><a class="button primary" href="/welcome?new">${words.nav.signUp}</a></p>`}
  </header>`;
}

function RailLink({ name, icon, href, isCurrent, badge = 0, hasDot = false, isWide = false }) {
  return html`<a href=${href} class=${isWide ? 'wide' : ''} aria-current=${isCurrent ? 'page' : undefined} >
    <span class="mark"><${Icon} name=${icon} size=${25} isFilled=${isCurrent} />
      ${badge > 0 && html`<b class="badge" aria-hidden="true">${words.nav.badge(badge)}</b>`}
      ${hasDot && html`<b class="dot-badge" aria-hidden="true" />`}</span>
    <span class="label">${name}${badge > 0 && html`<span class="spoken">${words.nav.unread(badge)}</span>`}</span>
  </a>`;
}

function useModerator(desk) {
  const role = useCell(desk.account)?.role ?? 'MEMBER';
  return role !== 'MEMBER';
}

/** Who is signed in, and the menu of what is theirs. */
export function Account() {
  const { desk, router, session } = usePage();
  const me = useCell(desk.me);
  const isModerator = useModerator(desk);
  const leave = async () => {
    await desk.api.act(LOGOUT, { id: null }).catch(() => {});
    desk.drafts.forget();
    session.end();
    router.go('/');
  };
  const person = me ?? { handle: desk.handle, name: desk.handle };
  return html`<div class="account">
    <${Menu} label=${words.nav.account(person.name, person.handle)} className="account-button" items=${[
      { label: words.nav.profile, icon: 'person', run: () => router.go(paths.person(person.handle)) },
      { label: words.nav.campaigns, icon: 'megaphone', run: () => router.go('/campaigns') },
      { label: words.nav.settings, icon: 'gear', run: () => router.go('/settings') },
      isModerator && { label: words.nav.moderation, icon: 'shield', run: () => router.go('/moderation') },
      graphiqlAddress() && { label: words.nav.graphiql, icon: 'code', run: () => location.assign(graphiqlAddress()) },
      { label: words.nav.signOut, icon: 'leave', run: leave },
    ]}>
      <${Avatar} person=${person} size=${40} />
      <span class="who"><b>${person.name}</b><span class="handle">@${person.handle}</span></span>
      <${Icon} name="more" />
    <//>
  </div>`;
}
