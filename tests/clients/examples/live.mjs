// Runs the snippets of docs/live.md: `node live.mjs URL LOGIN PASSWORD MODULE ...`. Each follows a home timeline while tweets
// are posted and deleted, and while its tokens run out. Prints a JSON line for each: {name, passed, detail}
import WebSocket from 'ws';
import { Session } from './session.js';

globalThis.WebSocket ??= WebSocket;
const [url, login, password, ...modules] = process.argv.slice(2);
const POST = 'mutation Post($text: String!) { act: postTweet(input: {text: $text}) { tweet { id } } }';
const DELETE = 'mutation Delete($id: ID!) { act: deleteTweet(id: $id) { deletedId } }';
const acting = await Session.signIn(url, login, password);
const act = async (query, variables) => (await acting.ask(query, variables)).act;

async function until(check) {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    if (check()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('not within 20 s');
}

for (const name of modules) {
  try {
    const { followHome } = await import(`./${name}`);
    const kept = [];
    const session = await Session.signIn(url, login, password, (tokens) => kept.push(tokens));
    let texts;
    followHome(session, (items) => {
      texts = items.map((item) => item.text ?? item.tweet.text);
    });
    await until(() => texts);
    const { tweet } = await act(POST, { text: `first by ${name}` });
    await until(() => texts[0] === `first by ${name}`);
    const renewals = kept.length;
    await until(() => kept.length > renewals);
    await act(POST, { text: `second by ${name}` });
    await until(() => texts[0] === `second by ${name}`);
    await act(DELETE, { id: tweet.id });
    await until(() => !texts.includes(`first by ${name}`) && texts.includes(`second by ${name}`));
    console.log(JSON.stringify({ name, passed: true, detail: '' }));
  } catch (error) {
    console.log(JSON.stringify({ name, passed: false, detail: String(error?.stack ?? error) }));
  }
}
process.exit(0);
