// GraphiQL for the /graphql of the server that serves this page; subscriptions over graphql-transport-ws. Whoever is
// signed in on Rookery's page is signed in here, unless a mutation signs in somebody else: `globalThis.rookery`, set by
// signin.js, tells the token of each request, and is told the answers of mutations.
import { explorerPlugin } from '@graphiql/plugin-explorer';
import '@graphiql/plugin-explorer/style.css';
import { HISTORY_PLUGIN } from '@graphiql/plugin-history';
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import 'graphiql/style.css';
import { createClient } from 'graphql-ws';
import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { EXAMPLES, FIRST_TABS } from './examples.js';

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
const fetcher = async (parameters, options) => {
  const written = Object.entries(options?.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  const headers = { ...(await globalThis.rookery?.headers()), ...Object.fromEntries(written) };
  const wsClient = createClient({ url: socketUrl.href, connectionParams: headers, lazy: true });
  const answers = await createGraphiQLFetcher({ url: url.href, wsClient })(parameters, { ...options, headers });
  return /\bmutation\b/.test(parameters.query) ? watched(answers) : answers;
};

async function* watched(answers) {
  for await (const answer of answers) {
    await globalThis.rookery?.answered(answer);
    yield answer;
  }
}

const EXAMPLES_PLUGIN = {
  title: 'Examples',
  icon: () => (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round">
      <path d="M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01" />
    </svg>
  ),
  content: Examples,
};

function Examples() {
  const { addTab } = useGraphiQLActions();
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const variableEditor = useGraphiQL((state) => state.variableEditor);
  const show = (document, variables = '') => {
    if (queryEditor?.getValue().trim()) addTab();
    // A tab that was just added has the focus after the next turn.
    setTimeout(() => {
      queryEditor?.setValue(document);
      variableEditor?.setValue(variables);
    });
  };
  return (
    <section aria-label="Examples" className="rookery-examples">
      <div className="graphiql-doc-explorer-title">Examples</div>
      {EXAMPLES.map(([section, examples]) => (
        <div key={section}>
          <h3>{section}</h3>
          {examples.map(([name, document, variables]) => (
            <button key={name} type="button" className="graphiql-un-styled" onClick={() => show(document, variables)}>{name}</button>
          ))}
        </div>
      ))}
    </section>
  );
}

function Place() {
  const [{ handle, isOwn }, setWho] = useState(globalThis.rookery?.who() ?? { handle: null });
  useEffect(() => globalThis.rookery?.watch(setWho), []);
  const who = handle ? `signed in as @${handle}${isOwn ? ' in this tab' : ''}` : 'not signed in';
  return <a className="rookery-place" href="/">Rookery · {who}</a>;
}

createRoot(document.getElementById('graphiql')).render(
  <GraphiQL
    fetcher={fetcher}
    plugins={[EXAMPLES_PLUGIN, HISTORY_PLUGIN, explorerPlugin()]}
    visiblePlugin="Examples"
    defaultTabs={FIRST_TABS.map((query) => ({ query }))}
    defaultQuery=""
    shouldPersistHeaders={false}
    showPersistHeadersSettings={false}
  >
    <GraphiQL.Logo><Place /></GraphiQL.Logo>
  </GraphiQL>,
);
