// Who GraphiQL asks as: whoever signed in by a mutation in this browser tab, else who is signed in on Rookery's page.
import { post } from '/web/current/api/http.js';
import { Session } from '/web/current/api/session.js';
import { Cell } from '/web/current/store/cell.js';

const WHO = 'query Who { viewer { user { handle } } }';
const session = new Session(post);
const ownCell = new Cell(null);

globalThis.rookery = {
  /** {handle, isOwn}; the handle is null without a sign-in, and isOwn true for one of this tab alone. */
  who: () => ({ handle: ownCell.value?.handle ?? session.handle, isOwn: Boolean(ownCell.value?.handle) }),
  watch(watcher) {
    const tell = () => watcher(this.who());
    const stops = [session.cell.watch(tell), ownCell.watch(tell)];
    return () => stops.forEach((stop) => stop());
  },
  async headers() {
    const token = (await ownCell.value?.token()) ?? (await session.token());
    return token ? { authorization: `Bearer ${token}` } : {};
  },
  /** Takes the answer of a mutation, which may have signed somebody in or out. */
  async answered({ data }) {
    const payloads = Object.values(data ?? {});
    const signedIn = payloads.find((payload) => payload?.tokens?.accessToken && payload.tokens.refreshToken);
    if (signedIn) await enter(signedIn.tokens);
    else if (ownCell.value && data?.logout?.deletedId) ownCell.set(null);
  },
};

async function enter(tokens) {
  const { data } = await post(WHO, {}, tokens.accessToken);
  if (!data?.viewer) return;
  const own = new Session(post, memory());
  own.begin(data.viewer.user.handle, { expiresAt: new Date(Date.now() + 60_000).toISOString(), ...tokens });
  own.cell.watch(() => own.handle || ownCell.set(null));
  ownCell.set(own);
}

/** What localStorage can, for this tab alone. */
function memory() {
  const kept = new Map();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
    removeItem: (key) => kept.delete(key),
  };
}
