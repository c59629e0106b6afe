// The page by keyboard alone: what each key does, and the list of them.
import { html } from '../html.js';
import { useEffect, useState } from '../../vendor/hooks.js';
import { paths } from '../../router.js';
import { usePage } from '../context.js';
import { laterPart } from './later.js';

const KeyList = laterPart(() => import('./key_list.js'), 'KeyList');
// In the moderators' room alone there is what these press.
const MODERATING = { w: 'WARN', m: 'MARK_SENSITIVE', x: 'REMOVE', i: 'LIMIT', u: 'SUSPEND', d: 'dismiss' };

export function Keys() {
  const { desk, router } = usePage();
  const [isHelp, help] = useState(false);
  useEffect(() => {
    let isAfterG = false;
    const pressed = (event) => {
      const { target, key } = event;
      if (event.ctrlKey || event.metaKey || event.altKey || target.closest('input, textarea, select, dialog, [role=menu]')) return;
      const act = isAfterG ? places(router, desk)[key] : acts(desk, () => help(true))[key];
      isAfterG = !isAfterG && key === 'g';
      if (!act || act() === false) return;
      event.preventDefault();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, [desk, router]);
  if (!isHelp) return null;
  return html`<${KeyList} onClose=${() => help(false)} />`;
}

function places(router, desk) {
  const to = (path) => () => router.go(path);
  return {
    h: to('/'), e: to('/explore'), n: to('/notifications'), b: to('/bookmarks'), s: to('/settings'),
    p: desk.handle ? to(paths.person(desk.handle)) : () => router.enter(),
  };
}

function acts(desk, help) {
  const press = (name) => () => {
    const button = document.activeElement?.querySelector?.(`[data-act=${name}]`);
    return button ? button.click() : false;
  };
  return {
    j: () => step(1),
    k: () => step(-1),
    n: () => (desk.isSignedIn ? desk.composing.set({}) : false),
    '.': () => document.querySelector('.pill')?.click(),
    '/': () => [...document.querySelectorAll('[data-search]')].find((field) => field.checkVisibility())?.focus(),
    '?': help,
    l: press('like'),
    r: press('reply'),
    t: press('retweet'),
    b: press('bookmark'),
    ...Object.fromEntries(Object.entries(MODERATING).map(([key, name]) => [key, press(name)])),
    Enter: () => (document.activeElement?.matches('article.tweet, article.report') ? document.activeElement.click() : false),
  };
}

/** Moves the focus to the next article, from the one that has it or the first in sight. */
function step(by) {
  const articles = [...document.querySelectorAll('main article[tabindex]')];
  if (!articles.length) return;
  const place = articles.findIndex((article) => article.contains(document.activeElement));
  const inSight = articles.findIndex((article) => article.getBoundingClientRect().bottom > 120);
  const next = place < 0 ? inSight : Math.min(Math.max(place + by, 0), articles.length - 1);
  articles[next].focus({ preventScroll: true });
  articles[next].scrollIntoView({ block: 'center', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
}
