// Notifications, which count as read once they were looked at.
import { html } from '../parts/html.js';
import { Avatar } from '../parts/people/avatar.js';
import { usePage, useRecord } from '../parts/context.js';
import { Heading, Tabs } from '../parts/frame/heading.js';
import { Icon } from '../parts/icon.js';
import { List } from '../parts/list.js';
import { Moment } from '../parts/moment.js';
import { briefly } from '../parts/tweets/content.js';
import { TweetRow } from '../parts/tweets/tweet.js';
import { useEffect } from '../vendor/hooks.js';
import { paths } from '../router.js';
import { useCell } from '../store/cell.js';
import { listWords } from '../words/lists.js';

const LOOKED_MS = 1_200;
const ICONS = { LIKE: 'heart', RETWEET: 'retweet', FOLLOW: 'person', FOLLOW_REQUEST: 'lock', SECURITY: 'lock', DECISION: 'shield' };
const PATHS = { FOLLOW_REQUEST: '/requests', SECURITY: '/settings/sessions', DECISION: '/settings/decisions' };

export function NotificationsView() {
  const { desk, router } = usePage();
  const { query } = useCell(router.cell);
  const isMentions = query.get('of') === 'mentions';
  const pages = isMentions ? desk.notifications.mentions : desk.notifications.all;
  useEffect(() => pages.start(), [pages]);
  useReadOnView(desk.notifications);
  return html`<${Heading} title=${listWords.notifications.title}>
      <${Tabs} label=${listWords.notifications.lists} tabs=${[
        { label: listWords.notifications.all, href: '/notifications', isCurrent: !isMentions },
        { label: listWords.notifications.mentions, href: '/notifications?of=mentions', isCurrent: isMentions },
      ]} />
    <//>
    <${List} pages=${pages} label=${listWords.notifications.title} row=${({ node }) => html`<${NotificationRow} notification=${node} />`} empty=${listWords.notifications.empty} />`;
}

// They are read when they were in front of somebody for a moment, not when a tab in the background has them.
function useReadOnView(feed) {
  const unread = useCell(feed.unread);
  const { state } = useCell(feed.all.cell);
  useEffect(() => {
    if (!unread || state !== 'ready') return undefined;
    let timer = null;
    const looked = () => {
      clearTimeout(timer);
      if (document.visibilityState === 'visible') timer = setTimeout(() => feed.read(), LOOKED_MS);
    };
    looked();
    document.addEventListener('visibilitychange', looked);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', looked);
    };
  }, [unread, state]);
}

function NotificationRow({ notification }) {
  const { desk, router } = usePage();
  const { kind, isAccepted, actors, actorCount, tweet, isRead, updatedAt } = notification;
  if (tweet && !ICONS[kind]) {
    return html`<div class=${`notified ${isRead ? '' : 'unread'}`}><${TweetRow} tweet=${tweet} context=${html`<${Icon} name=${kind === 'QUOTE' ? 'quote' : 'reply'} size=${16} />${listWords.notifications.did[kind](actors[0]?.name ?? '')}`} /></div>`;
  }
  const path = PATHS[kind] ?? (tweet ? paths.tweet(tweet.id) : paths.person(desk.handle, isAccepted ? 'following' : 'followers'));
  const clicked = (event) => event.target.closest('a') || router.go(path);
  const [first] = actors;
  const told = isAccepted ? 'ACCEPTED' : kind;
  return html`<article class=${`notification ${kind.toLowerCase()} ${isRead ? '' : 'unread'}`} tabindex="0" onClick=${clicked}
    onKeyDown=${(event) => event.key === 'Enter' && event.target === event.currentTarget && router.go(path)}
    aria-label=${`${isRead ? '' : listWords.notifications.unread} ${listWords.notifications.tell(told, actors, actorCount)}`.trim()}>
    <span class="kind"><${Icon} name=${ICONS[kind]} size=${26} isFilled /></span>
    <div class="body">
      <p class="faces">${actors.map((actor) => html`<a key=${actor.id} href=${paths.person(actor.handle)} aria-label=${actor.name}><${Avatar} person=${actor} size=${32} /></a>`)}</p>
      <p>${first && html`<a href=${paths.person(first.handle)}><b>${first.name}</b></a>`} ${listWords.notifications.rest(told, actors, actorCount)}${' '}<span class="dot" aria-hidden="true">·</span> <span class="when"><${Moment} at=${updatedAt} /></span></p>
      ${tweet && html`<${Excerpt} tweet=${tweet} />`}
    </div>
  </article>`;
}

function Excerpt({ tweet: read }) {
  const { desk } = usePage();
  const tweet = useRecord(desk.tweets, read) ?? read;
  return html`<p class="excerpt" dir="auto">${briefly(tweet)}</p>`;
}
