// A tweet in its thread: what it answers above, itself large, its replies below.
import { html } from '../parts/html.js';
import { LIKED_BY, QUOTES, REPLIES, RETWEETED_BY, TWEET } from '../api/documents/tweets.js';
import { ApiError, isAbsence } from '../api/errors.js';
import { ActRow, replyRefusal } from '../parts/tweets/acts.js';
import { briefly, Content } from '../parts/tweets/content.js';
import { TweetMenu } from '../parts/tweets/menu.js';
import { Avatar } from '../parts/people/avatar.js';
import { useKept, usePage, usePages, useRecord } from '../parts/context.js';
import { Heading, Tabs } from '../parts/frame/heading.js';
import { Icon } from '../parts/icon.js';
import { List } from '../parts/list.js';
import { WholeMoment, short } from '../parts/moment.js';
import { Name, PersonCard } from '../parts/people/person.js';
import { Empty, Failed, Skeleton } from '../parts/states.js';
import { Edited, Quoted, Removed, TweetRow } from '../parts/tweets/tweet.js';
import { Writer } from '../parts/tweets/writer.js';
import { useEffect, useLayoutEffect, useRef } from '../vendor/hooks.js';
import { paths } from '../router.js';
import { useCell } from '../store/cell.js';
import { Loaded } from '../store/loaded.js';
import { connectionOf, Pages } from '../store/pages.js';
import { takeTweet } from '../store/records.js';
import { words } from '../words.js';
import { threadWords } from '../words/threads.js';
import { RevisionsView } from './revisions.js';

export function TweetView() {
  const { router } = usePage();
  const { params } = useCell(router.cell);
  if (params.list === 'edits') return html`<${RevisionsView} id=${params.id} />`;
  return params.list ? html`<${Lists} id=${params.id} list=${params.list} />` : html`<${Thread} id=${params.id} />`;
}

function Thread({ id }) {
  const { desk, router } = usePage();
  const { query } = useCell(router.cell);
  const sort = query.get('replies') === 'latest' ? 'LATEST' : 'TOP';
  const loaded = useKept(`tweet ${id}`, () => new Loaded(async () => {
    const { tweet } = await desk.api.ask(TWEET, { id });
    if (tweet) [tweet, ...tweet.ancestors].forEach((one) => takeTweet(desk, one));
    return tweet;
  }));
  const replies = usePages(`replies ${id} ${sort}`, () => repliesOf(desk, id, sort));
  useEffect(() => loaded.start(), [loaded]);
  const { value, state, error } = useCell(loaded.cell);
  const isGone = isAbsence(error) || (state === 'ready' && !value);
  const posted = (tweet) => tweet && replies.prepend([{ cursor: null, node: tweet }]);
  return html`<${Heading} title=${threadWords.thread.title} hasBack />
    ${state === 'failed' && !isGone && html`<${Failed} error=${error} onRetry=${() => loaded.renew()} />`}
    ${state === 'loading' && html`<${Skeleton} rows=${3} />`}
    ${isGone && html`<${Empty} ...${threadWords.thread.gone} />`}
    ${state === 'ready' && value && html`
      ${value.ancestors.map((tweet) => html`<${TweetRow} key=${tweet.id} tweet=${tweet} isThreaded />`)}
      <${Focused} key=${id} tweet=${value} hasAncestors=${value.ancestors.length > 0} />
      ${desk.isSignedIn && html`<${Reply} tweet=${value} onSent=${posted} />`}
      <${Replies} tweet=${value} pages=${replies} sort=${sort} />`}`;
}

function Focused({ tweet: read, hasAncestors }) {
  const { desk } = usePage();
  const tweet = useRecord(desk.tweets, read);
  const article = useRef(null);
  useEffect(() => desk.watch.add(read.id), [read.id]);
  // What it answers may fill the window; it is the tweet that was asked for.
  useLayoutEffect(() => {
    if (hasAncestors && scrollY === 0) article.current?.scrollIntoView({ block: 'start' });
  }, []);
  if (!tweet || tweet.isHidden) return html`<${Empty} ...${threadWords.thread.gone} />`;
  const { author } = tweet;
  return html`<article class="tweet focused" ref=${article} tabindex="0" data-id=${tweet.id} aria-label=${words.tweet.name(author, briefly(tweet), '')}>
    <header>
      <a class="face" href=${paths.person(author.handle)} tabindex="-1" aria-hidden="true"><${Avatar} person=${author} size=${52} /></a>
      <a class="by" href=${paths.person(author.handle)}><${Name} person=${author} /><span class="handle">@${author.handle}</span></a>
      <${TweetMenu} tweet=${tweet} />
    </header>
    ${tweet.isRemoved && html`<${Removed} />`}
    <${Content} tweet=${tweet} />
    ${tweet.quoted && html`<${Quoted} tweet=${tweet.quoted} revision=${tweet.quotedRevision} />`}
    <p class="facts"><${WholeMoment} at=${tweet.createdAt} /> · ${words.devices[tweet.device]} ${tweet.editedAt && html`<${Edited} tweet=${tweet} />`}</p>
    <p class="figures">
      <${Figure} count=${tweet.retweetCount} label=${threadWords.thread.retweets} href=${paths.tweet(tweet.id, 'retweets')} />
      <${Figure} count=${tweet.quoteCount} label=${threadWords.thread.quotes} href=${paths.tweet(tweet.id, 'quotes')} />
      <${Figure} count=${tweet.likeCount} label=${threadWords.thread.likes} href=${paths.tweet(tweet.id, 'likes')} />
    </p>
    <${ActRow} tweet=${tweet} />
  </article>`;
}

function Figure({ count, label, href }) {
  return count ? html`<a href=${href}><b>${short(count)}</b> ${label(count)}</a>` : null;
}

function Reply({ tweet: read, onSent }) {
  const { desk } = usePage();
  const tweet = useRecord(desk.tweets, read) ?? read;
  const refusal = replyRefusal(tweet);
  if (refusal) return html`<p class="calm no-reply"><${Icon} name="lock" size=${18} />${refusal}.</p>`;
  const send = desk.outbox.post.bind(desk.outbox);
  return html`<div class="write-here"><${Writer} draft=${{ inReplyTo: tweet }} post=${async (draft) => onSent(await send(draft))}
    label=${words.compose.replyTo(tweet.author.handle)} placeholder=${words.compose.replyPlaceholder} /></div>`;
}

function Replies({ tweet: read, pages, sort }) {
  const { desk } = usePage();
  const { id } = read;
  const isClosed = desk.isSignedIn && replyRefusal(useRecord(desk.tweets, read) ?? read);
  return html`<div class="subheading"><h2>${threadWords.thread.replies}</h2>
      <${Tabs} label=${threadWords.thread.order} tabs=${[
        { label: threadWords.thread.top, href: paths.tweet(id), isCurrent: sort === 'TOP' },
        { label: threadWords.thread.latest, href: `${paths.tweet(id)}?replies=latest`, isCurrent: sort === 'LATEST' },
      ]} /></div>
    <${List} pages=${pages} label=${threadWords.thread.replies} skeletonRows=${2} empty=${isClosed ? threadWords.thread.noRepliesYet : threadWords.thread.noReplies}
      row=${(edge) => html`<${TweetRow} tweet=${edge.node} />`} />`;
}

function repliesOf(desk, id, sort) {
  return new Pages({
    load: async (after) => connectionOf((await desk.api.ask(REPLIES, { id, after, sort })).tweet?.replies),
    take: ({ node }) => takeTweet(desk, node),
  });
}

const LISTS = {
  quotes: { document: QUOTES, field: 'quotes', isPeople: false },
  likes: { document: LIKED_BY, field: 'likedBy', isPeople: true },
  retweets: { document: RETWEETED_BY, field: 'retweetedBy', isPeople: true },
};

function Lists({ id, list }) {
  const { desk } = usePage();
  const { document, field, isPeople } = LISTS[list] ?? LISTS.likes;
  const pages = usePages(`${list} ${id}`, () => new Pages({
    load: async (after) => {
      const { tweet } = await desk.api.ask(document, { id, after });
      if (!tweet) throw new ApiError('NOT_FOUND', '');
      return tweet[field];
    },
    take: ({ node }) => (isPeople ? desk.people.take(node) : takeTweet(desk, node)),
  }));
  const { error } = useCell(pages.cell);
  const row = ({ node }) => (isPeople ? html`<${PersonCard} person=${node} />` : html`<${TweetRow} tweet=${node} />`);
  return html`<${Heading} title=${threadWords.thread.lists} hasBack>
      <${Tabs} label=${threadWords.thread.lists} tabs=${Object.keys(LISTS).map((name) => ({
        label: threadWords.thread.listNames[name], href: paths.tweet(id, name), isCurrent: name === list,
      }))} />
    <//>
    ${isAbsence(error)
      ? html`<${Empty} ...${threadWords.thread.gone} />`
      : html`<${List} pages=${pages} row=${row} label=${threadWords.thread.listNames[list]} empty=${threadWords.thread.nobody} />`}`;
}
