// The session of docs/clients against the real service, whose tokens last for seconds. Prints a JSON line for each story:
// {name, passed, detail}
//   node session.mjs URL LOGIN PASSWORD
import assert from 'node:assert/strict';
import { Session, SignedOut } from './session.js';

const [url, login, password] = process.argv.slice(2);
const VIEWER = '{ viewer { user { handle } sessions { id isCurrent } } }';
const NEEDS_VIEWER = '{ notifications(first: 1) { unreadCount } }';
const LOGOUT = 'mutation($id: ID) { logout(sessionId: $id) { userErrors { message } } }';
const HOUR_MS = 3_600_000;
const now = Date.now;

async function begun() {
  const kept = [];
  return { session: await Session.signIn(url, login, password, (tokens) => kept.push(tokens)), kept };
}

// Waits until the server refuses a token.
async function over({ accessToken }) {
  for (const end = now() + 15_000; now() < end;) {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` };
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query: NEEDS_VIEWER }) });
    if ((await answer.json()).errors) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the token does not run out');
}

const stories = {
  'a token is renewed before it is sent too late': async () => {
    const { session, kept } = await begun();
    await over(kept[0]);
    assert.equal((await session.ask(VIEWER)).viewer.user.handle, login);
    assert.equal(kept.length, 2);
  },
  'requests of one moment share one renewal': async () => {
    const { session, kept } = await begun();
    await over(kept[0]);
    await Promise.all(Array.from({ length: 10 }, () => session.ask(NEEDS_VIEWER)));
    assert.equal(kept.length, 2);
  },
  'a clock that is an hour behind': async () => {
    Date.now = () => now() - HOUR_MS;
    const { session, kept } = await begun();
    await over(kept[0]);
    await Promise.all(Array.from({ length: 10 }, () => session.ask(NEEDS_VIEWER)));
    assert.equal(kept.length, 2);
  },
  'a clock that is an hour ahead': async () => {
    Date.now = () => now() + HOUR_MS;
    const { session, kept } = await begun();
    await session.ask(NEEDS_VIEWER);
    assert.equal(kept.length, 1);
    await over(kept[0]);
    await session.ask(NEEDS_VIEWER);
    assert.equal(kept.length, 2);
  },
  'a session that was ended elsewhere': async () => {
    const { session, kept } = await begun();
    const { session: other } = await begun();
    const { id } = (await session.ask(VIEWER)).viewer.sessions.find(({ isCurrent }) => isCurrent);
    await other.ask(LOGOUT, { id });
    await over(kept[0]);
    await assert.rejects(session.ask(NEEDS_VIEWER), SignedOut);
    await assert.rejects(session.token(), SignedOut);
  },
  'a wrong password': async () => {
    await assert.rejects(Session.signIn(url, login, `${password}?`), SignedOut);
  },
};
for (const [name, tell] of Object.entries(stories)) {
  try {
    await tell();
    console.log(JSON.stringify({ name, passed: true, detail: '' }));
  } catch (error) {
    console.log(JSON.stringify({ name, passed: false, detail: String(error?.stack ?? error) }));
  } finally {
    Date.now = now;
  }
}
process.exit(0);
