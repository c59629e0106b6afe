// The menu of a tweet: what its author can do with it, and what others can.
import { html } from '../html.js';
import { ApiError } from '../../api/errors.js';
import { useState } from '../../vendor/hooks.js';
import { paths } from '../../router.js';
import { words } from '../../words.js';
import { usePage } from '../context.js';
import { Confirm } from '../dialog.js';
import { Icon } from '../icon.js';
import { Menu } from '../menu.js';

const EDITABLE_MS = 3_600_000;

export function TweetMenu({ tweet, isPromoted = false }) {
  const { desk, router } = usePage();
  const [isAsking, ask] = useState(false);
  const { author } = tweet;
  const isOwn = author.handle === desk.handle;
  const act = (run) => () => import('./menu_acts.js').then((acts) => run(acts), () => desk.toasts.failed(new ApiError('NETWORK', '')));
  const copy = async () => {
    await navigator.clipboard?.writeText(location.origin + paths.tweet(tweet.id));
    desk.toasts.say(words.tweet.copied);
  };
  const mine = [
    mayEdit(tweet) && { label: words.tweet.edit, icon: 'pencil', run: () => desk.outbox.change(tweet) },
    tweet.isPinned
      ? { label: words.tweet.unpin, icon: 'pin', run: act(({ pin }) => pin(desk, tweet, false)) }
      : { label: words.tweet.pin, icon: 'pin', run: act(({ pin }) => pin(desk, tweet, true)) },
    !author.isProtected && { label: words.tweet.promote, icon: 'megaphone', run: () => router.go(paths.newCampaign(tweet.id)) },
    { label: words.tweet.delete, icon: 'trash', isBad: true, run: () => ask(true) },
  ];
  const others = [
    { label: words.tweet.notInterested, icon: 'thumbDown', run: act(({ notInterested }) => notInterested(desk, tweet)) },
    { label: words.people.muteName(author.handle), icon: 'mute', run: act(({ mute }) => mute(desk, author)) },
    { label: words.people.blockName(author.handle), icon: 'block', isBad: true, run: act(({ block }) => block(desk, author)) },
    { label: words.tweet.report, icon: 'flag', isBad: true, run: () => desk.reporting.set({ tweet, isPromoted }) },
  ];
  const own = desk.isSignedIn ? (isOwn ? mine : others) : [];
  const isMuted = tweet.viewerHasMutedConversation;
  const conversation = desk.isSignedIn && {
    label: isMuted ? words.tweet.unmuteConversation : words.tweet.muteConversation, icon: isMuted ? 'bell' : 'mute', run: act(({ hush }) => hush(desk, tweet, !isMuted)),
  };
  return html`<${Menu} label=${words.tweet.more} className="act more" dataAct="more" onOpen=${desk.isSignedIn ? act(({ look }) => look(desk, tweet)) : undefined} items=${[
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
