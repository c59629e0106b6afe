// A tweet as a row of a list, with what it quotes, and why it stands there.
import { html } from '../html.js';
import { useRef } from '../../vendor/hooks.js';
import { paths } from '../../router.js';
import { words } from '../../words.js';
import { ActRow } from './acts.js';
import { Avatar } from '../people/avatar.js';
import { useDesk, usePage, useRecord } from '../context.js';
import { Icon } from '../icon.js';
import { Moment, ago } from '../moment.js';
import { Name } from '../people/person.js';
import { useSight } from '../sight.js';
import { briefly, Content } from './content.js';
import { TweetMenu } from './menu.js';
import { Why } from './why.js';

const SEEN_MS = 1_000;
const NO_ENTITIES = { mentions: [], hashtags: [], urls: [] };

/** `edge` is that of a timeline, where the row says who retweeted it, who pays for it, or why it stands there. */
export function TimelineRow({ edge }) {
  const { node } = edge;
  const tweet = node.tweet ?? node;
  const promoted = node.__typename === 'PromotedTweet' ? node : null;
  const context = contextOf(edge);
  return html`<${TweetRow} tweet=${tweet} context=${context} promoted=${promoted} ranking=${edge.ranking} />`;
}

export function TweetRow({ tweet: read, context = null, promoted = null, ranking = null, isThreaded = false }) {
  const { desk, router } = usePage();
  const known = useRecord(desk.tweets, read);
  const row = useRef(null);
  const tweet = read.isSending ? read : known;
  useSight(row, () => tweet && !tweet.isSending && desk.watch.add(tweet.id), [Boolean(tweet), read.id], 0);
  if (!tweet || tweet.isHidden) return html`<div ref=${row} class="hidden-tweet" />`;

  const open = () => {
    if (promoted) desk.impressions.opened(promoted.impressionToken);
    router.go(paths.tweet(tweet.id));
  };
  const clicked = (event) => {
    if (event.target.closest('a, button, dialog, .menu-list, .why') || String(getSelection())) return;
    open();
  };
  const clickedLink = (event) => promoted && event.target.closest('a') && desk.impressions.opened(promoted.impressionToken);
  return html`<article ref=${row} tabindex="0" data-id=${tweet.id} onClick=${clicked} onClickCapture=${clickedLink}
    class=${`tweet ${tweet.isSending ? 'sending' : ''} ${tweet.isLeaving ? 'leaving' : ''} ${promoted ? 'promoted' : ''} ${isThreaded ? 'threaded' : ''}`}
    aria-label=${words.tweet.name(tweet.author, briefly(tweet), ago(tweet.createdAt))} aria-busy=${tweet.isSending ? 'true' : undefined}>
    ${context && html`<p class="context">${context}</p>`}
    <div class="beside"><a class="face" href=${paths.person(tweet.author.handle)} tabindex="-1" aria-hidden="true"><${Avatar} person=${tweet.author} /></a></div>
    <div class="body">
      <header>
        <a class="by" href=${paths.person(tweet.author.handle)}><${Name} person=${tweet.author} /><span class="handle">@${tweet.author.handle}</span></a>
        <span class="dot" aria-hidden="true">·</span>
        ${tweet.isSending ? html`<span class="when">${words.tweet.sending}</span>` : html`<a class="when" href=${paths.tweet(tweet.id)}><${Moment} at=${tweet.createdAt} /></a>`}
        ${tweet.editedAt && html`<${Edited} tweet=${tweet} />`}
        ${!tweet.isSending && html`<${TweetMenu} tweet=${tweet} isPromoted=${Boolean(promoted)} />`}
      </header>
      ${tweet.inReplyTo && !isThreaded && html`<p class="answers">${words.tweet.answers} <a href=${paths.person(tweet.inReplyTo.author.handle)}>@${tweet.inReplyTo.author.handle}</a></p>`}
      ${tweet.isRemoved && html`<${Removed} />`}
      <${Content} tweet=${tweet} />
      ${tweet.quoted && html`<${Quoted} tweet=${tweet.quoted} revision=${tweet.quotedRevision} />`}
      ${promoted && html`<${Impression} row=${row} token=${promoted.impressionToken} /><p class="ad"><${Icon} name="megaphone" size=${16} />${words.ads.by(promoted.advertiser.name, promoted.reasons)}</p>`}
      ${tweet.isSending ? html`<div class="acts" />` : html`<${ActRow} tweet=${tweet} />`}
      ${ranking && html`<${Why} ranking=${ranking} />`}
    </div>
  </article>`;
}

/** That it was edited, which leads to what it said before. */
export function Edited({ tweet }) {
  return html`<span class="dot" aria-hidden="true">·</span><a class="edited" href=${paths.tweet(tweet.id, 'edits')} title=${words.tweet.earlierAll}>${words.tweet.edited}</a>`;
}

/** That moderators removed it, which its author alone sees. */
export function Removed() {
  return html`<p class="removed"><${Icon} name="shield" size=${17} />${words.tweet.removed} <a href="/settings/decisions">${words.tweet.whyRemoved}</a></p>`;
}

/** `revision` is the version that was quoted, where the tweet was edited since. */
export function Quoted({ tweet: read, revision = null, isLinked = true }) {
  const desk = useDesk();
  const tweet = useRecord(desk.tweets, read) ?? read;
  if (tweet.isHidden) return null;
  const inside = html`<div class="by-line"><${Avatar} person=${tweet.author} size=${22} /><${Name} person=${tweet.author} /><span class="handle">@${tweet.author.handle}</span>
      <span class="dot" aria-hidden="true">·</span><span class="when"><${Moment} at=${tweet.createdAt} /></span>
      ${revision && html`<span class="dot" aria-hidden="true">·</span><span class="edited">${words.tweet.earlier}</span>`}</div>
    <${Content} tweet=${revision ? { ...tweet, ...revision, entities: NO_ENTITIES } : tweet} isLinked=${false} mayOpen=${!isLinked} />`;
  return isLinked ? html`<a class="quoted" href=${paths.tweet(tweet.id)}>${inside}</a>` : html`<div class="quoted">${inside}</div>`;
}

function contextOf({ node, reason }) {
  if (node.__typename === 'Retweet') {
    return html`<${Icon} name="retweet" size=${16} /><a href=${paths.person(node.user.handle)}>${words.tweet.retweeted(node.user.name)}</a>`;
  }
  if (reason === 'HASHTAG') return html`<${Icon} name="hash" size=${16} />${words.tweet.byHashtag}`;
  return null;
}

// An advertisement counts once half of it was there for a second.
function Impression({ row, token }) {
  const desk = useDesk();
  useSight(row, () => {
    const timer = setTimeout(() => desk.impressions.seen(token), SEEN_MS);
    return () => clearTimeout(timer);
  }, [token]);
  return null;
}
