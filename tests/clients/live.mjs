// Runs the snippets of docs/live.md against the address and token given: `node live.mjs URL TOKEN MODULE ...`.
// Each follows a home timeline while tweets are posted and deleted. Prints a JSON line for each: {name, passed, detail}
import WebSocket from 'ws';

globalThis.WebSocket ??= WebSocket;
const [url, token, ...modules] = process.argv.slice(2);
const POST = 'mutation Post($text: String!) { act: postTweet(input: {text: $text}) { tweet { id } } }';
const DELETE = 'mutation Delete($id: ID!) { act: deleteTweet(id: $id) { deletedId } }';

async function act(query, variables) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  return (await answer.json()).data.act;
}

async function until(check) {
  for (const end = Date.now() + 15_000; Date.now() < end;) {
    if (check()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('not within 15 s');
}

for (const name of modules) {
  try {
    const { followHome } = await import(`./${name}`);
    let texts;
    followHome(url, token, (items) => {
      texts = items.map((item) => item.text ?? item.tweet.text);
    });
    await until(() => texts);
    const { tweet } = await act(POST, { text: `first by ${name}` });
    await until(() => texts[0] === `first by ${name}`);
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
