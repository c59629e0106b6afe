// Tweets on their way: shown at once, and given back to be written anew where the server refuses.
import { EDIT, POST } from '../api/documents/tweets.js';
import { mannerOfTweet, PLAIN, placeOf } from './drafts.js';
import { newKey } from './key.js';
import { previewed } from './pictures.js';
import { takeTweet } from './records.js';
import { words } from '../words.js';

export class Outbox {
  constructor(desk) {
    this.desk = desk;
  }

  /**
   * Resolves to the tweet, or null where it was refused; the draft is open again then, with its pictures. A retry with
   * the same `key` is known as such. `chosen` are pictures as a cell of Pictures holds them.
   */
  async post({ text, inReplyTo = null, quoted = null, chosen = [], manner = PLAIN, key = newKey() }) {
    const { desk } = this;
    const draft = this.#show({ text, inReplyTo, quoted, chosen, manner });
    const input = {
      text,
      inReplyTo: inReplyTo?.id ?? null,
      quoted: quoted?.id ?? null,
      device: { kind: 'WEB' },
      idempotencyKey: key,
      media: chosen.length ? chosen.map(({ id }) => id) : null,
      ...manner,
    };
    try {
      const { tweet } = await desk.api.act(POST, { input });
      this.#settle(draft, measured(tweet, chosen));
      for (const { preview } of chosen) URL.revokeObjectURL(preview);
      desk.toasts.say(inReplyTo ? words.compose.replied : words.compose.posted, {
        act: { label: words.compose.look, path: `/tweets/${tweet.id}` },
      });
      return tweet;
    } catch (error) {
      this.#drop(draft);
      this.#giveBack({ text, chosen, inReplyTo, quoted, manner, key, error: words.errors.tell(error) });
      return null;
    }
  }

  /** Opens the dialog for writing with what a tweet of one's own says. */
  change(tweet) {
    const place = placeOf({ edited: tweet });
    this.desk.drafts.write(place, tweet.text);
    this.desk.drafts.writeManner(place, mannerOfTweet(tweet));
    this.desk.composing.set({ edited: tweet });
  }

  /** Sends what differs from the tweet as it was; what is refused is open again then. */
  async edit({ edited, text, chosen, manner }) {
    const { desk } = this;
    try {
      const { tweet } = await desk.api.act(EDIT, { input: { id: edited.id, text, ...differences(edited, chosen.map(({ id }) => id), manner) } });
      takeTweet(desk, tweet);
      desk.toasts.say(words.compose.edited);
    } catch (error) {
      this.#giveBack({ edited, text, chosen, manner, error: words.errors.tell(error) });
    }
  }

  #show({ text, inReplyTo, quoted, chosen, manner }) {
    const me = this.desk.me.value;
    if (inReplyTo || !me) return null;
    const tweet = {
      id: `draft ${newKey()}`,
      text,
      isSending: true,
      createdAt: new Date().toISOString(),
      author: me,
      device: 'WEB',
      isReply: false,
      inReplyTo: null,
      quoted,
      entities: { mentions: [], hashtags: [], urls: [] },
      media: chosen.map(previewed),
      likeCount: 0, retweetCount: 0, quoteCount: 0, replyCount: 0,
      viewerHasLiked: false, viewerHasRetweeted: false, viewerHasBookmarked: false,
      ...manner,
    };
    this.desk.home.add({ cursor: null, reason: 'SELF', node: { __typename: 'Tweet', ...tweet } });
    return tweet.id;
  }

  // The live event of the tweet may have come first.
  #settle(draft, tweet) {
    takeTweet(this.desk, tweet);
    const { author: _, ...parent } = tweet.inReplyTo ?? {};
    this.desk.tweets.refresh(parent);
    if (!draft) return;
    const { latest } = this.desk.home;
    const edge = { cursor: null, reason: 'SELF', node: { __typename: 'Tweet', ...tweet } };
    const isThere = latest.cell.value.edges.some(({ node }) => node.id === tweet.id);
    const edges = latest.cell.value.edges.map((one) => (one.node.id === draft && !isThere ? edge : one));
    latest.cell.merge({ edges: edges.filter(({ node }) => node.id !== draft) });
  }

  // Whoever writes something else by now gets it when that is done.
  #giveBack(draft) {
    const { composing } = this.desk;
    if (!composing.value) {
      composing.set({ ...draft, place: this.desk.drafts.refused(placeOf(draft), draft.text, draft.manner) });
      return;
    }
    const unwatch = composing.watch((other) => {
      if (other) return;
      unwatch();
      this.#giveBack(draft);
    });
  }

  #drop(draft) {
    if (draft) this.desk.home.remove(draft);
  }
}

/** The tweet with the sizes of pictures that are being prepared, so that each keeps the room that its preview had. */
function measured(tweet, chosen) {
  const media = tweet.media.map((one, place) => {
    const { width, height } = chosen[place] ?? {};
    return one.width || !width ? one : { ...one, width, height };
  });
  return { ...tweet, media };
}

/** Fields of an edit's input: those that are absent stay. */
function differences(tweet, media, { contentWarning, isSensitive }) {
  const isOther = media.join() !== tweet.media.map(({ id }) => id).join();
  return {
    ...(contentWarning !== tweet.contentWarning && { contentWarning }),
    ...(isSensitive !== tweet.isSensitive && { isSensitive }),
    ...(isOther && { media }),
  };
}
