// Bundles src/home.ts of docs/clients/typescript, whose types were generated, and follows a home timeline with it.
//   node typescript.mjs URL FOLDER LOGIN PASSWORD
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { build } from 'esbuild';
import { WebSocket } from 'ws';

globalThis.WebSocket ??= WebSocket;
const [url, folder, login, password] = process.argv.slice(2);
const POST = 'mutation($text: String!) { postTweet(input: { text: $text }) { tweet { id } } }';
const name = 'src/home.ts reads and follows a timeline';

try {
  const outfile = join(folder, 'bundle.mjs');
  const entryPoints = [join(folder, 'typescript', 'src', 'home.ts')];
  const options = { bundle: true, format: 'esm', platform: 'node', packages: 'external', logLevel: 'silent' };
  await build({ entryPoints, outfile, ...options });
  const { followHome, postedAt } = await import(outfile);
  const { Session } = await import(join(folder, 'session.js'));
  const session = await Session.signIn(url, login, password);
  const { postTweet } = await session.ask(POST, { text: 'hello from types' });
  let page;
  const added = new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error('no event in 20 s')), 20_000).unref();
    const happened = (event) => event.edge?.node.id === postTweet.tweet.id && resolve();
    const show = (shown) => {
      page = shown;
      if (shown.edges.some(({ node }) => node.id === postTweet.tweet.id)) resolve();
    };
    followHome(session, show, happened).catch(reject);
  });
  await added;
  assert.ok(page.headCursor);
  assert.equal(postedAt({ createdAt: '2026-01-31T12:00:00.000Z' }).getTime(), Date.UTC(2026, 0, 31, 12));
  console.log(JSON.stringify({ name, passed: true, detail: '' }));
} catch (error) {
  console.log(JSON.stringify({ name, passed: false, detail: String(error?.stack ?? error) }));
}
process.exit(0);
