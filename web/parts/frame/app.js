// The frame of the page, and the view that the address asks for.
import { html } from '../html.js';
import { useEffect, useLayoutEffect, useRef } from '../../vendor/hooks.js';
import { ApiError } from '../../api/errors.js';
import { useCell } from '../../store/cell.js';
import { HomeView } from '../../views/home.js';
import { words } from '../../words.js';
import { Composer } from '../tweets/composer.js';
import { Page } from '../context.js';
import { Heading } from './heading.js';
import { Keys } from './keys.js';
import { LaterView, useView } from './later.js';
import { Notice } from './notice.js';
import { Rail } from './rail.js';
import { Reporting } from './reporting.js';
import { Side } from './side.js';
import { Empty, Failed, Skeleton } from '../states.js';
import { Toasts } from './toasts.js';
import { Unverified } from './unverified.js';

const lists = () => import('../../views/lists.js');
const listed = () => import('../../views/listed.js');
const campaigns = () => import('../../views/campaigns.js');
const WELCOME = new LaterView(() => import('../../views/welcome.js'), 'WelcomeView');
const VIEWS = {
  home: { Component: HomeView },
  explore: new LaterView(() => import('../../views/explore.js'), 'ExploreView'),
  search: new LaterView(() => import('../../views/search.js'), 'SearchView'),
  notifications: new LaterView(() => import('../../views/notifications.js'), 'NotificationsView'),
  bookmarks: new LaterView(lists, 'BookmarksView'),
  requests: new LaterView(lists, 'RequestsView'),
  lists: new LaterView(listed, 'ListsView'),
  list: new LaterView(listed, 'ListView'),
  campaigns: new LaterView(campaigns, 'CampaignsView'),
  newCampaign: new LaterView(campaigns, 'NewCampaignView'),
  campaign: new LaterView(campaigns, 'CampaignView'),
  appeal: new LaterView(() => import('../../views/moderation/own.js'), 'AppealView'),
  moderation: new LaterView(() => import('../../views/moderation/room.js'), 'ModerationView'),
  verify: new LaterView(() => import('../../views/verify.js'), 'VerifyView'),
  reset: new LaterView(() => import('../../views/reset.js'), 'ResetView'),
  settings: new LaterView(() => import('../../views/settings.js'), 'SettingsView'),
  profile: new LaterView(() => import('../../views/profile.js'), 'ProfileView'),
  tweet: new LaterView(() => import('../../views/tweet.js'), 'TweetView'),
  hashtag: new LaterView(() => import('../../views/hashtag.js'), 'HashtagView'),
  nothing: { Component: NothingView },
};
const FOR_ANYBODY = new Set(['explore', 'search', 'profile', 'tweet', 'hashtag', 'list', 'verify', 'reset', 'appeal', 'nothing']);

/** `desk` is a cell, for another person may sign in. */
export function App({ deskCell, router, session }) {
  const desk = useCell(deskCell);
  const { view, key, isReturn } = useCell(router.cell);
  const isWelcome = view === 'welcome' ? !desk.isSignedIn : !desk.isSignedIn && !FOR_ANYBODY.has(view);
  const { Component, hasFailed, fetchView } = useView(isWelcome ? WELCOME : (VIEWS[view] ?? VIEWS.home));
  useArrival(router, key, isReturn, Component);
  const shown = Component ? html`<${Component} key=${view} />`
    : hasFailed ? html`<${Failed} error=${new ApiError('NETWORK', '')} onRetry=${fetchView} />` : html`<${Skeleton} />`;
  return html`<${Page.Provider} value=${{ desk, router, session }} key=${desk.handle ?? ''}>
    <a class="skip" href="#main">${words.nav.skip}</a>
    ${isWelcome
      ? html`<main id="main">${shown}</main>`
      : html`<div class="frame"><${Rail} /><main id="main" class="column"><${Unverified} />${shown}</main><${Side} /></div>`}
    <${Composer} /><${Reporting} /><${Keys} /><${Notice} /><${Toasts} />
  <//>`;
}

// Who comes to another place stands at its top, with its title announced; who comes back stands where they left. Both
// once the place is there.
function useArrival(router, key, isReturn, Component) {
  useLayoutEffect(() => {
    if (Component) scrollTo(0, isReturn ? router.scrolled : 0);
  }, [key, Component]);
  const isFirst = useRef(true);
  useEffect(() => {
    if (!Component) return;
    if (!isFirst.current) document.querySelector('main h1')?.focus({ preventScroll: true });
    isFirst.current = false;
  }, [key, Component]);
}

function NothingView() {
  return html`<${Heading} title=${words.nothing.title} hasBack /><${Empty} ...${words.nothing} />`;
}
