// What the items of a tweet's menu do.
import { BLOCK, MUTE } from '../../api/documents/people.js';
import { CONVERSATION, MUTE_CONVERSATION, NOT_INTERESTED, PIN, UNMUTE_CONVERSATION, UNPIN } from '../../api/documents/menu.js';
import { away } from '../../store/away.js';
import { takeTweet } from '../../store/records.js';
import { words } from '../../words.js';

/** Asks what only the menu shows. */
export async function look(desk, { id }) {
  const { tweet } = await desk.api.ask(CONVERSATION, { id }).catch(() => ({ tweet: null }));
  if (tweet) desk.tweets.refresh(tweet);
}

export function mute(desk, person) {
  return away(desk, person, MUTE, words.people.muted);
}

export function block(desk, person) {
  return away(desk, person, BLOCK, words.people.blocked);
}

export async function pin(desk, tweet, isWanted) {
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

export async function hush(desk, { id, conversationId }, isWanted) {
  try {
    await desk.api.act(isWanted ? MUTE_CONVERSATION : UNMUTE_CONVERSATION, { id });
    for (const one of desk.tweets.all()) if (one.conversationId === conversationId) desk.tweets.refresh({ id: one.id, viewerHasMutedConversation: isWanted });
    desk.toasts.say(isWanted ? words.tweet.isMuted : words.tweet.isUnmuted);
  } catch (error) {
    desk.toasts.failed(error);
  }
}

export async function notInterested(desk, tweet) {
  try {
    await desk.api.act(NOT_INTERESTED, { id: tweet.id });
    desk.home.remove(tweet.id);
    desk.toasts.say(words.tweet.lessOften);
  } catch (error) {
    desk.toasts.failed(error);
  }
}
