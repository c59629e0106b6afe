// The frame of the page, and the view that the address asks for.
import { html } from './html.js';
import { useEffect, useLayoutEffect, useRef } from '../vendor/hooks.js';
import { useCell } from '../store/cell.js';
import { BookmarksView, RequestsView } from '../views/lists.js';
import { ExploreView } from '../views/explore.js';
import { HashtagView } from '../views/hashtag.js';
import { HomeView } from '../views/home.js';
import { NotificationsView } from '../views/notifications.js';
import { ProfileView } from '../views/profile.js';
import { SearchView } from '../views/search.js';
import { TweetView } from '../views/tweet.js';
import { WelcomeView } from '../views/welcome.js';
import { words } from '../words.js';
import { Composer } from './composer.js';
import { Page } from './context.js';
import { Heading } from './heading.js';
import { Keys } from './keys.js';
import { later } from './later.js';
import { Notice } from './notice.js';
import { Rail } from './rail.js';
import { Side } from './side.js';
import { Empty } from './states.js';
import { Toasts } from './toasts.js';

const campaignView = (name) => later(() => import('../views/campaigns.js').then((views) => views[name]));
const VIEWS = {
  home: HomeView, explore: ExploreView, search: SearchView, notifications: NotificationsView, bookmarks: BookmarksView,
  requests: RequestsView, campaigns: campaignView('CampaignsView'), newCampaign: campaignView('NewCampaignView'), campaign: campaignView('CampaignView'),
  settings: later(() => import('../views/settings.js').then(({ SettingsView }) => SettingsView)), profile: ProfileView, tweet: TweetView, hashtag: HashtagView, nothing: NothingView,
};
const FOR_ANYBODY = new Set(['explore', 'search', 'profile', 'tweet', 'hashtag', 'nothing']);

/** `desk` is a cell, for another person may sign in. */
export function App({ deskCell, router, session }) {
  const desk = useCell(deskCell);
  const { view, key, isReturn } = useCell(router.cell);
  useArrival(router, key, isReturn);
  const isWelcome = view === 'welcome' ? !desk.isSignedIn : !desk.isSignedIn && !FOR_ANYBODY.has(view);
  const View = VIEWS[view] ?? HomeView;
  return html`<${Page.Provider} value=${{ desk, router, session }} key=${desk.handle ?? ''}>
    <a class="skip" href="#main">${words.nav.skip}</a>
    ${isWelcome
      ? html`<main id="main"><${WelcomeView} /></main>`
      : html`<div class="frame"><${Rail} /><main id="main" class="column"><${View} key=${view} /></main><${Side} /></div>`}
    <${Composer} /><${Keys} /><${Notice} /><${Toasts} />
  <//>`;
}

// Who comes to another place stands at its top, with its title announced; who comes back stands where they left.
function useArrival(router, key, isReturn) {
  useLayoutEffect(() => {
    scrollTo(0, isReturn ? router.scrolled : 0);
  }, [key]);
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current) document.querySelector('main h1')?.focus({ preventScroll: true });
    isFirst.current = false;
  }, [key]);
}

function NothingView() {
  return html`<${Heading} title=${words.nothing.title} hasBack /><${Empty} ...${words.nothing} />`;
}
