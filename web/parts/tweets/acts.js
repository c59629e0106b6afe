// The row of buttons under a tweet.
import { html } from '../html.js';
import { paths } from '../../router.js';
import { BOOKMARK, LIKE, RETWEET } from '../../store/switches.js';
import { words } from '../../words.js';
import { usePage } from '../context.js';
import { Icon } from '../icon.js';
import { Menu } from '../menu.js';
import { short } from '../moment.js';

export function ActRow({ tweet }) {
  const { desk, router } = usePage();
  const guarded = (act, wish = { path: paths.tweet(tweet.id) }) => () => (desk.isSignedIn ? act() : router.enter('/welcome', wish));
  const turns = (name, turned) => guarded(() => desk.switches.turn(tweet.id, turned), { act: name, id: tweet.id });
  const isOwn = tweet.author.handle === desk.handle;
  const refusal = desk.isSignedIn ? replyRefusal(tweet) : null;
  const mayShow = !tweet.author.isProtected || isOwn;
  return html`<div class="acts" role="group" aria-label=${words.tweet.acts}>
    <button type="button" class="act reply" data-act="reply" aria-disabled=${refusal ? 'true' : undefined} title=${refusal ?? words.tweet.replyVerb}
      aria-label=${[words.tweet.reply(tweet.replyCount), refusal].filter(Boolean).join('. ')}
      onClick=${guarded(() => (refusal ? desk.toasts.say(refusal) : desk.composing.set({ inReplyTo: tweet })))}>
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

/** Why the viewer may not answer; null where they may. */
export function replyRefusal({ viewerCanReply, isReply, replyAudience }) {
  return viewerCanReply === false ? words.tweet.noReply[isReply ? 'EVERYONE' : replyAudience] : null;
}

function Count({ count }) {
  return html`<span class="count" key=${count} aria-hidden="true">${count ? short(count) : ''}</span>`;
}
