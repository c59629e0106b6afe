// What one can do with a tweet: the row of buttons under it, and the menu beside its name.
import { html } from '../html.js';
import { BLOCK, MUTE } from '../../api/documents/people.js';
import { NOT_INTERESTED } from '../../api/documents/tweets.js';
import { useState } from '../../vendor/hooks.js';
import { paths } from '../../router.js';
import { BOOKMARK, LIKE, RETWEET } from '../../store/switches.js';
import { words } from '../../words.js';
import { usePage } from '../context.js';
import { Confirm } from '../dialog.js';
import { Icon } from '../icon.js';
import { Menu } from '../menu.js';
import { short } from '../moment.js';

export function ActRow({ tweet }) {
  const { desk, router } = usePage();
  const guarded = (act, wish = { path: paths.tweet(tweet.id) }) => () => (desk.isSignedIn ? act() : router.enter('/welcome', wish));
  const turns = (name, turned) => guarded(() => desk.switches.turn(tweet.id, turned), { act: name, id: tweet.id });
  const isOwn = tweet.author.handle === desk.handle;
  const mayShow = !tweet.author.isProtected || isOwn;
  return html`<div class="acts" role="group" aria-label=${words.tweet.acts}>
    <button type="button" class="act reply" data-act="reply" aria-label=${words.tweet.reply(tweet.replyCount)} title=${words.tweet.replyVerb}
      onClick=${guarded(() => desk.composing.set({ inReplyTo: tweet }))}>
      <${Icon} name="reply" /><${Count} count=${tweet.replyCount} /></button>
    <${Menu} className="act retweet" dataAct="retweet" pressed=${tweet.viewerHasRetweeted}
      label=${words.tweet.retweet(tweet.retweetCount + tweet.quoteCount, tweet.viewerHasRetweeted)} items=${[
        (mayShow || tweet.viewerHasRetweeted) && {
          label: tweet.viewerHasRetweeted ? words.tweet.unretweetVerb : words.tweet.retweetVerb,
          icon: 'retweet', run: turns('retweet', RETWEET),
        },
        mayShow && { label: words.tweet.quoteVerb, icon: 'quote', run: guarded(() => desk.composing.set({ quoted: tweet })) },
        { label: words.tweet.whoRetweeted, icon: 'people', run: () => router.go(paths.tweet(tweet.id, 'retweets')) },
      ]}>
      <${Icon} name="retweet" /><${Count} count=${tweet.retweetCount + tweet.quoteCount} /><//>
    <button type="button" class="act like" data-act="like" aria-pressed=${tweet.viewerHasLiked} data-pressed=${tweet.viewerHasLiked}
      aria-label=${words.tweet.like(tweet.likeCount)} title=${words.tweet.likeVerb}
      onClick=${turns('like', LIKE)}>
      <${Icon} name="heart" isFilled=${tweet.viewerHasLiked} /><${Count} count=${tweet.likeCount} /></button>
    <button type="button" class="act bookmark" data-act="bookmark" aria-pressed=${tweet.viewerHasBookmarked} data-pressed=${tweet.viewerHasBookmarked}
      aria-label=${words.tweet.bookmark} title=${words.tweet.bookmark}
      onClick=${turns('bookmark', BOOKMARK)}>
      <${Icon} name="bookmark" isFilled=${tweet.viewerHasBookmarked} /></button>
  </div>`;
}

function Count({ count }) {
  return html`<span class="count" key=${count} aria-hidden="true">${count ? short(count) : ''}</span>`;
}

export function TweetMenu({ tweet }) {
  const { desk, router } = usePage();
  const [isAsking, ask] = useState(false);
  const { author } = tweet;
  const isOwn = author.handle === desk.handle;
  const copy = async () => {
    await navigator.clipboard?.writeText(location.origin + paths.tweet(tweet.id));
    desk.toasts.say(words.tweet.copied);
  };
  const mine = [
    !author.isProtected && { label: words.tweet.promote, icon: 'megaphone', run: () => router.go(paths.newCampaign(tweet.id)) },
    { label: words.tweet.delete, icon: 'trash', isBad: true, run: () => ask(true) },
  ];
  const others = [
    { label: words.tweet.notInterested, icon: 'thumbDown', run: () => notInterested(desk, tweet) },
    { label: words.people.muteName(author.handle), icon: 'mute', run: () => away(desk, author, MUTE, words.people.muted) },
    { label: words.people.blockName(author.handle), icon: 'block', isBad: true, run: () => away(desk, author, BLOCK, words.people.blocked) },
  ];
  const own = desk.isSignedIn ? (isOwn ? mine : others) : [];
  return html`<${Menu} label=${words.tweet.more} className="act more" dataAct="more" items=${[
    { label: words.tweet.copy, icon: 'link', run: copy },
    { label: words.tweet.whoLiked, icon: 'heart', run: () => router.go(paths.tweet(tweet.id, 'likes')) },
    { label: words.tweet.quotes, icon: 'quote', run: () => router.go(paths.tweet(tweet.id, 'quotes')) },
    ...own,
  ]}><${Icon} name="more" /><//>
  ${isAsking && html`<${Confirm} title=${words.tweet.deleteTitle} text=${words.tweet.deleteText} label=${words.tweet.delete}
    onClose=${() => ask(false)} onYes=${() => desk.delete(tweet.id)} />`}`;
}

async function notInterested(desk, tweet) {
  try {
    await desk.api.act(NOT_INTERESTED, { id: tweet.id });
    desk.home.remove(tweet.id);
    desk.toasts.say(words.tweet.lessOften);
  } catch (error) {
    desk.toasts.failed(error);
  }
}

async function away(desk, author, mutation, said) {
  try {
    await desk.api.act(mutation, { id: author.id });
    const keeps = ({ node }) => (node.tweet ?? node).author.id !== author.id && node.user?.id !== author.id;
    desk.home.latest.filter(keeps);
    desk.home.top.filter(keeps);
    desk.toasts.say(said(author.handle));
  } catch (error) {
    desk.toasts.failed(error);
  }
}
