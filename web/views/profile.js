// A person: who they are, what they wrote and like, and whom they know.
import { html } from '../parts/html.js';
import {
  BLOCK, FOLLOWERS, FOLLOWERS_YOU_KNOW, FOLLOWING, MUTE, REMOVE_FOLLOWER, UNBLOCK, UNMUTE, USER,
} from '../api/documents/people.js';
import { SET_VERIFIED } from '../api/documents/moderation.js';
import { USER_LIKES, USER_TWEETS } from '../api/documents/timelines.js';
import { Avatar } from '../parts/people/avatar.js';
import { useKept, usePage, usePages, useRecord } from '../parts/context.js';
import { Heading, Tabs } from '../parts/frame/heading.js';
import { Icon } from '../parts/icon.js';
import { List } from '../parts/list.js';
import { Menu } from '../parts/menu.js';
import { monthAndYear, short } from '../parts/moment.js';
import { ListChoice } from '../parts/people/listing.js';
import { FollowButton, Name, PersonCard } from '../parts/people/person.js';
import { Empty, Failed, Skeleton } from '../parts/states.js';
import { TimelineRow, TweetRow } from '../parts/tweets/tweet.js';
import { useEffect, useState } from '../vendor/hooks.js';
import { paths } from '../router.js';
import { useCell } from '../store/cell.js';
import { Loaded } from '../store/loaded.js';
import { connectionOf, Pages } from '../store/pages.js';
import { takeItem, takeTweet } from '../store/records.js';
import { words } from '../words.js';
import { profileWords } from '../words/profile.js';
import { listedWords } from '../words/listed.js';

const PEOPLE_LISTS = { followers: FOLLOWERS, following: FOLLOWING, known: FOLLOWERS_YOU_KNOW };
const PEOPLE_FIELDS = { followers: 'followers', following: 'following', known: 'followersYouKnow' };

export function ProfileView() {
  const { desk, router } = usePage();
  const { params } = useCell(router.cell);
  const handle = params.handle.replace(/^@/, '');
  const loaded = useKept(`person ${handle}`, () => new Loaded(async () => {
    const { user } = await desk.api.ask(USER, { handle });
    if (user) desk.people.take(user);
    if (user?.pinnedTweet) takeTweet(desk, user.pinnedTweet);
    return user;
  }));
  useEffect(() => loaded.start(), [loaded]);
  const { value, state, error } = useCell(loaded.cell);
  if (state === 'failed') {
    return html`<${Heading} title=${`@${handle}`} hasBack /><${Failed} error=${error} onRetry=${() => loaded.renew()} />`;
  }
  if (state === 'loading') return html`<${Heading} title=${`@${handle}`} hasBack /><${Skeleton} />`;
  if (!value) return html`<${Heading} title=${`@${handle}`} hasBack /><${Empty} ...${profileWords.nobody} />`;
  return html`<${Person} key=${value.id} user=${value} list=${params.list ?? 'tweets'} />`;
}

function Person({ user: read, list }) {
  const { desk } = usePage();
  const user = useRecord(desk.people, read) ?? read;
  if (PEOPLE_LISTS[list]) return html`<${PeopleList} user=${user} list=${list} />`;
  return html`<${Heading} title=${user.name} detail=${profileWords.tweets(short(user.tweetCount), user.tweetCount)} hasBack />
    <${Card} user=${user} known=${read.followersYouKnow.edges.map(({ node }) => node)} />
    <${Tabs} label=${profileWords.lists} tabs=${['tweets', 'replies', 'likes'].map((name) => ({
      label: profileWords.listNames[name], href: paths.person(user.handle, name === 'tweets' ? '' : name), isCurrent: name === list,
    }))} />
    ${list === 'tweets' && user.pinnedTweet && html`<${TweetRow} key=${user.pinnedTweet.id} tweet=${user.pinnedTweet} context=${html`<${Icon} name="pin" size=${16} />${words.tweet.pinned}`} />`}
    <${Written} user=${user} list=${list} />`;
}

function Card({ user, known }) {
  const { desk, router } = usePage();
  const isOwn = user.handle === desk.handle;
  const { relationship } = user;
  return html`<section class="profile" aria-label=${profileWords.about(user.name)}>
    ${user.bannerUrl
      ? html`<img class="sky" src=${user.bannerUrl} alt="" decoding="async" />`
      : html`<div class="sky" aria-hidden="true" data-hue=${user.handle.length % 5} />`}
    <div class="profile-line">
      <${Avatar} person=${user} size=${112} />
      <div class="profile-acts">
        ${isOwn && html`<a class="button" href="/settings/profile">${profileWords.edit}</a>`}
        ${!isOwn && relationship && html`<${RelationMenu} user=${user} />`}
        ${relationship?.isBlocking
          ? html`<button type="button" class="primary bad" onClick=${() => desk.change(user, UNBLOCK, { relationship: { ...relationship, isBlocking: false } })}>${words.people.unblock}</button>`
          : html`<${FollowButton} person=${user} isBig />`}
        ${!desk.isSignedIn && html`<button type="button" class="primary" onClick=${() => router.enter('/welcome', { act: 'follow', id: user.id })}>${words.people.follow}</button>`}
      </div>
    </div>
    <p class="big-name"><${Name} person=${user} /></p>
    <p class="handle">@${user.handle} ${relationship?.isFollowedBy && html`<span class="tag">${words.people.followsYou}</span>`}
      ${relationship?.isMuting && html`<span class="tag">${words.people.isMuted}</span>`}</p>
    ${user.bio && html`<p class="bio" dir="auto">${user.bio}</p>`}
    <p class="facts"><${Icon} name="calendar" size=${17} />${profileWords.joined(monthAndYear(user.joinedAt))}</p>
    <p class="figures">
      <a href=${paths.person(user.handle, 'following')}><b>${short(user.followingCount)}</b> ${profileWords.following}</a>
      <a href=${paths.person(user.handle, 'followers')}><b>${short(user.followerCount)}</b> ${profileWords.followers(user.followerCount)}</a>
    </p>
    ${known.length > 0 && !isOwn && html`<a class="known" href=${paths.person(user.handle, 'known')}>
      <span class="faces" aria-hidden="true">${known.map((person) => html`<${Avatar} key=${person.id} person=${person} size=${24} />`)}</span>
      ${profileWords.known(known.map(({ name }) => name))}</a>`}
  </section>`;
}

function RelationMenu({ user }) {
  const { desk } = usePage();
  const { relationship } = user;
  const set = (mutation, change) => () => desk.change(user, mutation, { relationship: { ...relationship, ...change } });
  const [isListing, list] = useState(false);
  const isModerator = (useCell(desk.account)?.role ?? 'MEMBER') !== 'MEMBER';
  return html`<${Menu} label=${profileWords.more} className="round bordered" items=${[
    relationship.isBlocking ? null : { label: listedWords.add, icon: 'people', run: () => list(true) },
    relationship.isFollowedBy ? { label: words.people.removeFollower, icon: 'close', run: set(REMOVE_FOLLOWER, { isFollowedBy: false }) } : null,
    relationship.isMuting
      ? { label: words.people.unmuteName(user.handle), icon: 'bell', run: set(UNMUTE, { isMuting: false }) }
      : { label: words.people.muteName(user.handle), icon: 'mute', run: set(MUTE, { isMuting: true }) },
    relationship.isBlocking
      ? { label: words.people.unblockName(user.handle), icon: 'check', run: set(UNBLOCK, { isBlocking: false }) }
      : {
          label: words.people.blockName(user.handle), icon: 'block', isBad: true,
          run: set(BLOCK, { isBlocking: true, isFollowing: false, isFollowedBy: false, hasRequestedFollow: false }),
        },
    isModerator && {
      label: user.isVerified ? words.people.unverify : words.people.verify, icon: 'shield', run: () => verify(desk, user, !user.isVerified),
    },
    { label: words.people.reportName(user.handle), icon: 'flag', isBad: true, run: () => desk.reporting.set({ person: user }) },
  ]}><${Icon} name="more" /><//>
    ${isListing && html`<${ListChoice} person=${user} onClose=${() => list(false)} />`}`;
}

async function verify(desk, { id }, isVerified) {
  try {
    desk.people.take((await desk.api.act(SET_VERIFIED, { id, isVerified })).user);
  } catch (error) {
    desk.toasts.failed(error);
  }
}

function Written({ user, list }) {
  const { desk } = usePage();
  const { handle } = user;
  const isLikes = list === 'likes';
  const pages = usePages(`${list} of ${handle}`, () => (isLikes ? likesOf(desk, handle) : tweetsOf(desk, handle, list)));
  const isHidden = user.isProtected && handle !== desk.handle && !user.relationship?.isFollowing;
  const empty = isHidden ? profileWords.isProtected : profileWords.empty[list] ?? profileWords.empty.tweets;
  const row = (edge) => (isLikes ? html`<${TweetRow} tweet=${edge.node} />` : html`<${TimelineRow} edge=${edge} />`);
  return html`<${List} pages=${pages} row=${row} label=${profileWords.listNames[list]} empty=${empty} />`;
}

function tweetsOf(desk, handle, list) {
  const include = list === 'replies' ? 'TWEETS_AND_REPLIES' : 'TWEETS';
  return new Pages({
    load: async (after) => connectionOf((await desk.api.ask(USER_TWEETS, { handle, after, include })).user?.tweets),
    take: (edge) => takeItem(desk, edge),
  });
}

function likesOf(desk, handle) {
  return new Pages({
    load: async (after) => connectionOf((await desk.api.ask(USER_LIKES, { handle, after })).user?.likes),
    take: ({ node }) => takeTweet(desk, node),
  });
}

function PeopleList({ user, list }) {
  const { desk } = usePage();
  const pages = usePages(`${list} of ${user.handle}`, () => new Pages({
    load: async (after) => {
      const answer = await desk.api.ask(PEOPLE_LISTS[list], { handle: user.handle, after });
      return connectionOf(answer.user?.[PEOPLE_FIELDS[list]]);
    },
    take: ({ node }) => desk.people.take(node),
  }));
  return html`<${Heading} title=${user.name} detail=${`@${user.handle}`} hasBack>
      <${Tabs} label=${profileWords.peopleLists} tabs=${Object.keys(PEOPLE_LISTS)
        .filter((name) => name !== 'known' || (desk.isSignedIn && user.handle !== desk.handle))
        .map((name) => ({ label: profileWords.listNames[name], href: paths.person(user.handle, name), isCurrent: name === list }))} />
    <//>
    <${List} pages=${pages} row=${({ node }) => html`<${PersonCard} person=${node} />`} label=${profileWords.listNames[list]} empty=${profileWords.empty[list]} />`;
}
