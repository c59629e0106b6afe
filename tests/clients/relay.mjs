// Relay's compiler on operations over the served schema, and the rules that graphql-eslint has for Relay.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import graphqlPlugin from "@graphql-eslint/eslint-plugin";
import { ESLint } from "eslint";

const url = process.argv[2];
const run = promisify(execFile);

const OPERATIONS = {
  HomeQuery: "query HomeQuery { ...Home_viewer viewer { user { id ...Profile_user } } }",
  Home_viewer: `fragment Home_viewer on Query
    @refetchable(queryName: "HomePageQuery")
    @argumentDefinitions(first: { type: "Int", defaultValue: 20 }, after: { type: "String" }) {
    homeTimeline(first: $first, after: $after) @connection(key: "Home_homeTimeline") {
      state headCursor
      edges { reason node { __typename ... on Node { id } ... on Tweet { ...Item_tweet @alias } ... on Retweet { tweet { ...Item_tweet } user { handle } } } }
    } }`,
  Item_tweet: "fragment Item_tweet on Tweet { id text likeCount viewerHasLiked author { handle name } }",
  Profile_user: `fragment Profile_user on User
    @refetchable(queryName: "ProfilePageQuery")
    @argumentDefinitions(first: { type: "Int", defaultValue: 20 }, after: { type: "String" }) {
    handle followers(first: $first, after: $after) @connection(key: "Profile_followers") { edges { node { id handle } } } }`,
  LikeMutation: "mutation LikeMutation($id: ID!) { like(tweetId: $id) { tweet { id ...Item_tweet } userErrors { code message field } } }",
  LiveSubscription: `subscription LiveSubscription($after: String) { homeTimelineEvents(after: $after) { __typename
    ... on TimelineItemAdded { cursor edge { node { ... on Node { id } ... on Tweet { ...Item_tweet @alias } } } }
    ... on TimelineItemRemoved { cursor nodeId } ... on TimelineReset { cursor reason } } }`,
};

const RULES = {
  "@graphql-eslint/relay-arguments": ["error", { includeBoth: false }],
  "@graphql-eslint/relay-connection-types": "error",
  "@graphql-eslint/relay-edge-types": ["error", { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false }],
  "@graphql-eslint/relay-page-info": "error",
};

const folder = await mkdtemp(join(process.cwd(), "relay-"));
try {
  const schema = await (await fetch(new URL("/schema.graphql", url))).text();
  await writeFile(join(folder, "schema.graphql"), schema);
  await story("relay-compiler takes queries, connections, refetching, mutations and subscriptions", compiled);
  await story("the Relay rules of graphql-eslint find nothing", () => linted(schema));
} finally {
  await rm(folder, { recursive: true });
}

async function story(name, tell) {
  try {
    await tell();
    console.log(JSON.stringify({ name, passed: true, detail: "" }));
  } catch (error) {
    console.log(JSON.stringify({ name, passed: false, detail: `${error.message}${error.stdout ?? ""}` }));
  }
}

async function compiled() {
  await mkdir(join(folder, "src", "__generated__"), { recursive: true });
  for (const [name, text] of Object.entries(OPERATIONS)) {
    const module = name.replace(/_.*|Query$|Mutation$|Subscription$/, "");
    await writeFile(join(folder, "src", `${module}.js`), `graphql\`${text}\`;\n`, { flag: "a" });
  }
  const config = { src: "./src", schema: "./schema.graphql", language: "javascript", artifactDirectory: "./src/__generated__" };
  await writeFile(join(folder, "relay.config.json"), JSON.stringify(config));
  await run("node", [join(process.cwd(), "node_modules", "relay-compiler", "cli.js"), "relay.config.json"], { cwd: folder });
}

async function linted(schema) {
  const eslint = new ESLint({
    cwd: folder,
    overrideConfigFile: true,
    overrideConfig: [
      {
        files: ["**/*.graphql"],
        languageOptions: { parser: graphqlPlugin.parser, parserOptions: { graphQLConfig: { schema } } },
        plugins: { "@graphql-eslint": graphqlPlugin },
        rules: RULES,
      },
    ],
  });
  const [result] = await eslint.lintText(schema, { filePath: join(folder, "schema.graphql") });
  const found = result.messages.map((message) => `${message.line}: ${message.message}`);
  if (found.length) throw new Error(found.join("\n"));
}
