// Which view an address shows, and what makes it another: links, history, and places to come back to.
import { Cell } from './store/cell.js';
import { newKey } from './store/key.js';

const ROUTES = [
  [/^\/$/, 'home'],
  [/^\/welcome$/, 'welcome'],
  [/^\/explore$/, 'explore'],
  [/^\/search$/, 'search'],
  [/^\/notifications$/, 'notifications'],
  [/^\/bookmarks$/, 'bookmarks'],
  [/^\/requests$/, 'requests'],
  [/^\/lists$/, 'lists'],
  [/^\/lists\/(?<id>[^/]+)(?:\/(?<part>[^/]+))?$/, 'list'],
  [/^\/campaigns$/, 'campaigns'],
  [/^\/campaigns\/new$/, 'newCampaign'],
  [/^\/campaigns\/(?<id>[^/]+)$/, 'campaign'],
  [/^\/appeal$/, 'appeal'],
  [/^\/moderation(?:\/(?<part>[^/]+)(?:\/(?<id>[^/]+))?)?$/, 'moderation'],
  [/^\/verify$/, 'verify'],
  [/^\/reset$/, 'reset'],
  [/^\/settings(?:\/(?<section>[^/]+))?$/, 'settings'],
  [/^\/people\/(?<handle>[^/]+)(?:\/(?<list>[^/]+))?$/, 'profile'],
  [/^\/tweets\/(?<id>[^/]+)(?:\/(?<list>[^/]+))?$/, 'tweet'],
  [/^\/hashtags\/(?<name>[^/]+)$/, 'hashtag'],
];
const MOST_PLACES = 30;

export class Router {
  #places = new Map();

  constructor() {
    history.scrollRestoration = 'manual';
    /**
     * {view, params, query, key, wish, isReturn}: `key` names this visit, `isReturn` where it is not the first, `wish` is
     * {path, act, id}: where to go, and what to do, once somebody has signed in.
     */
    this.cell = new Cell(this.#place(false));
    addEventListener('popstate', () => this.#arrive(true));
    document.addEventListener('click', (event) => this.#clicked(event));
    addEventListener('scroll', () => (this.#visit(this.cell.value.key).scroll = scrollY), { passive: true });
  }

  go(path, { replace = false, wish } = {}) {
    const state = { key: replace ? this.cell.value.key : newKey(), wish };
    history[replace ? 'replaceState' : 'pushState'](state, '', path);
    this.#arrive(false);
  }

  /** To where one signs in, and from there back to this place, where `wish` may be {act, id, path}. */
  enter(path = '/welcome', wish = {}) {
    this.go(path, { wish: { path: location.pathname + location.search, ...wish } });
  }

  /** Back to where one came from, or to `path` where that is another site. */
  back(path = '/') {
    if (history.state?.key && this.#places.size > 1) history.back();
    else this.go(path, { replace: true });
  }

  /** What a view keeps under `name` for when somebody comes back to this place; made by `make` at first. */
  kept(name, make) {
    const { things } = this.#visit(this.cell.value.key);
    if (!things.has(name)) things.set(name, make());
    return things.get(name);
  }

  /** How far this place was scrolled when it was left. */
  get scrolled() {
    return this.#visit(this.cell.value.key).scroll;
  }

  forget() {
    this.#places.clear();
  }

  #visit(key) {
    let visit = this.#places.get(key);
    if (!visit) {
      visit = { scroll: 0, things: new Map() };
      this.#places.set(key, visit);
      if (this.#places.size > MOST_PLACES) this.#places.delete(this.#places.keys().next().value);
    }
    return visit;
  }

  #arrive(isReturn) {
    this.cell.set(this.#place(isReturn));
  }

  #place(isReturn) {
    if (!history.state?.key) history.replaceState({ key: newKey() }, '');
    const query = new URLSearchParams(location.search);
    return { ...named(location.pathname), query, key: history.state.key, wish: history.state.wish, isReturn };
  }

  #clicked(event) {
    const link = event.target.closest?.('a[href]');
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.target || link.origin !== location.origin || !ROUTES.some(([pattern]) => pattern.test(link.pathname))) return;
    event.preventDefault();
    if (link.pathname === '/welcome') this.enter(link.pathname + link.search);
    else if (link.href !== location.href) this.go(link.pathname + link.search + link.hash);
    else scrollTo({ top: 0 });
  }
}

/** {view, params} of a path, which somebody may have written by hand. */
function named(path) {
  try {
    for (const [pattern, view] of ROUTES) {
      const found = pattern.exec(path);
      if (found) return { view, params: decoded(found.groups) };
    }
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
  }
  return { view: 'nothing', params: {} };
}

function decoded(groups = {}) {
  return Object.fromEntries(Object.entries(groups).map(([name, text]) => [name, text && decodeURIComponent(text)]));
}

export const paths = {
  person: (handle, list = '') => `/people/${encodeURIComponent(handle)}${list && `/${list}`}`,
  tweet: (id, list = '') => `/tweets/${encodeURIComponent(id)}${list && `/${list}`}`,
  list: (id, part = '') => `/lists/${encodeURIComponent(id)}${part && `/${part}`}`,
  hashtag: (name) => `/hashtags/${encodeURIComponent(name)}`,
  search: (text, sort = '') => `/search?q=${encodeURIComponent(text)}${sort && `&in=${sort}`}`,
  campaign: (id) => `/campaigns/${encodeURIComponent(id)}`,
  moderation: (part = '', id = '') => ['/moderation', part, encodeURIComponent(id)].filter(Boolean).join('/'),
  newCampaign: (tweetId) => `/campaigns/new?tweet=${encodeURIComponent(tweetId)}`,
};
