// Bundles an example of docs/clients as its users would, mounts it into a document, and looks at what it shows.
// Its session, and so the example, outlives the token that it began with.
//   node examples.mjs URL NAME FOLDER LOGIN PASSWORD
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { transformAsync } from "@babel/core";
import { build } from "esbuild";
import { JSDOM } from "jsdom";
import { WebSocket } from "ws";

const [url, name, source, login, password] = process.argv.slice(2);
const run = promisify(execFile);
const PATIENCE_MS = 20_000;

const relayDocuments = {
  name: "relay-documents",
  setup({ onLoad }) {
    onLoad({ filter: /\.jsx$/ }, async ({ path }) => {
      const result = await transformAsync(await readFile(path, "utf8"), {
        filename: path, configFile: false, babelrc: false, parserOpts: { plugins: ["jsx"] },
        plugins: [["babel-plugin-relay", { eagerEsModules: true }]],
      });
      return { contents: result.code, loader: "jsx" };
    });
  },
};

const folder = await mkdtemp(join(process.cwd(), `${name}-`));
const dom = new JSDOM('<!doctype html><div id="root"></div>', { url: "http://localhost/", pretendToBeVisual: true });
try {
  await cp(source, folder, { recursive: true });
  await story(`${name} shows the home timeline, what comes in live, and a like`, shown);
} finally {
  dom.window.close();
  await rm(folder, { recursive: true });
}
process.exit(0);

async function shown() {
  const { start } = await bundled();
  const { Session } = await import(join(folder, "session.js"));
  const acting = await Session.signIn(url, login, password);
  const ask = (query) => acting.ask(query);
  const kept = [];
  const session = await Session.signIn(url, login, password, (tokens) => kept.push(tokens));
  const root = dom.window.document.getElementById("root");
  const stop = start(root, session);
  await until(() => root.textContent.includes("hello from before"));
  const renewals = kept.length;
  await until(() => kept.length > renewals);
  await ask('mutation { postTweet(input: { text: "hello from now" }) { tweet { id } } }');
  await until(() => root.textContent.includes("hello from now"));
  const row = [...root.querySelectorAll("article")].find((one) => one.textContent.includes("hello from before"));
  row.querySelector("button").click();
  await until(() => row.textContent.includes("1 likes") && row.querySelector("[aria-pressed=true]"));
  await until(async () => {
    const data = await ask("{ viewer { user { likes(first: 1) { edges { node { text } } } } } }");
    return data.viewer.user.likes.edges[0]?.node.text === "hello from before";
  });
  stop();
}

async function bundled() {
  if (name === "relay") await compiled();
  const outfile = join(folder, "bundle.mjs");
  const plugins = name === "relay" ? [relayDocuments] : [];
  await build({
    entryPoints: [join(folder, name, "Home.jsx")], outfile, plugins, bundle: true, format: "esm", platform: "node", jsx: "automatic",
    packages: "external", logLevel: "silent",
  });
  Object.assign(globalThis, { window: dom.window, document: dom.window.document, IS_REACT_ACT_ENVIRONMENT: false });
  globalThis.navigator ??= dom.window.navigator;
  globalThis.WebSocket ??= WebSocket;
  return import(outfile);
}

async function compiled() {
  const cwd = join(folder, name);
  const schema = await (await fetch(new URL("/schema.graphql", url))).text();
  await writeFile(join(cwd, "schema.graphql"), schema);
  await run(join(process.cwd(), "node_modules/.bin/relay-compiler"), ["relay.config.json"], { cwd });
}

async function until(isSo) {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`not in time: ${dom.window.document.body.textContent}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function story(told, tell) {
  try {
    await tell();
    console.log(JSON.stringify({ name: told, passed: true, detail: "" }));
  } catch (error) {
    console.log(JSON.stringify({ name: told, passed: false, detail: `${error.stack}${error.stdout ?? ""}` }));
  }
}
