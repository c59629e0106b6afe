// GraphiQL for the /graphql of the server that serves this page; subscriptions over graphql-transport-ws.
import { explorerPlugin } from '@graphiql/plugin-explorer';
import '@graphiql/plugin-explorer/style.css';
import { HISTORY_PLUGIN } from '@graphiql/plugin-history';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import 'graphiql/style.css';
import { createClient } from 'graphql-ws';
import { createRoot } from 'react-dom/client';
import firstLook from './examples/1-first-look.graphql';
import signIn from './examples/2-sign-in.graphql';
import homeTimeline from './examples/3-home-timeline.graphql';
import live from './examples/4-live.graphql';

const WORKERS = { json: 'json.worker.js', graphql: 'graphql.worker.js' };
const here = document.currentScript.src;
globalThis.MonacoEnvironment = {
  getWorker: (_, label) => new Worker(new URL(WORKERS[label] ?? 'editor.worker.js', here)),
};

const url = new URL('/graphql', location.href);
const socketUrl = new URL(url);
socketUrl.protocol = url.protocol.replace('http', 'ws');

// A browser gives a websocket no headers of the page's, so those of the headers editor go into connection_init.
// Each request has a client of its own, so that a subscription's socket carries the headers of its tab.
const fetcher = (parameters, options) => {
  const headers = Object.entries(options?.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  const wsClient = createClient({ url: socketUrl.href, connectionParams: Object.fromEntries(headers), lazy: true });
  return createGraphiQLFetcher({ url: url.href, wsClient })(parameters, options);
};

const authorization = '{\n  "authorization": "Bearer paste the accessToken of the second tab here"\n}\n';
const tabs = [
  { query: firstLook },
  { query: signIn },
  { query: homeTimeline, headers: authorization },
  { query: live, headers: authorization },
];

createRoot(document.getElementById('graphiql')).render(
  <GraphiQL
    fetcher={fetcher}
    plugins={[HISTORY_PLUGIN, explorerPlugin()]}
    defaultTabs={tabs}
    defaultQuery={firstLook}
    defaultEditorToolsVisibility="headers"
    shouldPersistHeaders={false}
    showPersistHeadersSettings={false}
  />,
);
