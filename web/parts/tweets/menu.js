// The menu of a tweet: what its author can do with it, and what others can.
import { html } from '../html.js';
import { BLOCK, MUTE } from '../../api/documents/people.js';
import { CONVERSATION, MUTE_CONVERSATION, NOT_INTERESTED, PIN, UNMUTE_CONVERSATION, UNPIN } from '../../api/documents/tweets.js';
import { useState } from '../../vendor/hooks.js';
import { paths } from '../../router.js';
import { takeTweet } from '../../store/records.js';
import { words } from '../../words.js';
import { usePage } from '../context.js';
import { Confirm } from '../dialog.js';
import { Icon } from '../icon.js';
import { Menu } from '../menu.js';

const EDITABLE_MS = 3_600_000;

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
    mayEdit(tweet) && { label: words.tweet.edit, icon: 'pencil', run: () => desk.outbox.change(tweet) },
    tweet.isPinned
      ? { label: words.tweet.unpin, icon: 'pin', run: () => pin(desk, tweet, false) }
      : { label: words.tweet.pin, icon: 'pin', run: () => pin(desk, tweet, true) },
    !author.isProtected && { label: words.tweet.promote, icon: 'megaphone', run: () => router.go(paths.newCampaign(tweet.id)) },
    { label: words.tweet.delete, icon: 'trash', isBad: true, run: () => ask(true) },
  ];
  const others = [
    { label: words.tweet.notInterested, icon: 'thumbDown', run: () => notInterested(desk, tweet) },
    { label: words.people.muteName(author.handle), icon: 'mute', run: () => away(desk, author, MUTE, words.people.muted) },
    { label: words.people.blockName(author.handle), icon: 'block', isBad: true, run: () => away(desk, author, BLOCK, words.people.blocked) },
  ];
  const own = desk.isSignedIn ? (isOwn ? mine : others) : [];
  const isMuted = tweet.viewerHasMutedConversation;
  const conversation = desk.isSignedIn && {
    label: isMuted ? words.tweet.unmuteConversation : words.tweet.muteConversation, icon: isMuted ? 'bell' : 'mute', run: () => hush(desk, tweet, !isMuted),
  };
  const look = () => desk.isSignedIn && desk.api.ask(CONVERSATION, { id: tweet.id }).then((found) => found.tweet && desk.tweets.refresh(found.tweet), () => {});
  return html`<${Menu} label=${words.tweet.more} className="act more" dataAct="more" onOpen=${look} items=${[
    { label: words.tweet.copy, icon: 'link', run: copy },
    { label: words.tweet.whoLiked, icon: 'heart', run: () => router.go(paths.tweet(tweet.id, 'likes')) },
    { label: words.tweet.quotes, icon: 'quote', run: () => router.go(paths.tweet(tweet.id, 'quotes')) },
    conversation,
    ...own,
  ]}><${Icon} name="more" /><//>
  ${isAsking && html`<${Confirm} title=${words.tweet.deleteTitle} text=${words.tweet.deleteText} label=${words.tweet.delete}
    onClose=${() => ask(false)} onYes=${() => desk.delete(tweet.id)} />`}`;
}

function mayEdit({ createdAt }) {
  return Date.now() - Date.parse(createdAt) < EDITABLE_MS;
}

async function pin(desk, tweet, isWanted) {
  try {
    const { user } = await desk.api.act(isWanted ? PIN : UNPIN, { id: tweet.id });
    for (const one of desk.tweets.all()) if (one.isPinned) desk.tweets.refresh({ id: one.id, isPinned: false });
    if (user.pinnedTweet) takeTweet(desk, user.pinnedTweet);
    desk.people.refresh(user);
    desk.toasts.say(isWanted ? words.tweet.isPinned : words.tweet.isUnpinned);
  } catch (error) {
    desk.toasts.failed(error);
  }
}

async function hush(desk, { id, conversationId }, isWanted) {
  try {
    await desk.api.act(isWanted ? MUTE_CONVERSATION : UNMUTE_CONVERSATION, { id });
    for (const one of desk.tweets.all()) if (one.conversationId === conversationId) desk.tweets.refresh({ id: one.id, viewerHasMutedConversation: isWanted });
    desk.toasts.say(isWanted ? words.tweet.isMuted : words.tweet.isUnmuted);
  } catch (error) {
    desk.toasts.failed(error);
  }
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
