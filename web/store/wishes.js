// What somebody wanted to do before they signed in, done as soon as they have.
import { FOLLOW } from '../api/documents/people.js';
import { BOOKMARK, LIKE, RETWEET } from '../api/documents/tweets.js';
import { post } from '../api/http.js';

const MUTATIONS = { like: LIKE, retweet: RETWEET, bookmark: BOOKMARK, follow: FOLLOW };

/** `wish` is {act, id} or has neither. What is refused is left undone: the page shows how things stand. */
export async function fulfil(wish, token) {
  const mutation = MUTATIONS[wish?.act];
  if (mutation) await post(mutation, { id: wish.id }, token).catch(() => {});
}
