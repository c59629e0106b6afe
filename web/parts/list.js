// A list that reads on by itself when its end comes into sight.
import { html } from './html.js';
import { useEffect, useRef } from '../vendor/hooks.js';
import { useCell } from '../store/cell.js';
import { words } from '../words.js';
import { Empty, Failed, Skeleton } from './states.js';

const AHEAD = '900px';

/** `row(edge)` draws an edge; `empty` is {title, text}. */
export function List({ pages, row, empty, label, skeletonRows, children }) {
  const { edges, state, error, hasMore } = useCell(pages.cell);
  if (!edges.length) {
    if (state === 'failed') return html`<${Failed} error=${error} onRetry=${() => pages.more()} />`;
    if (state !== 'ready') return html`<${Skeleton} rows=${skeletonRows} />`;
    if (!hasMore) return html`<${Empty} ...${empty}>${children}<//>`;
  }
  return html`<section class="list" aria-label=${label}>
    ${edges.map((edge) => html`<${Row} key=${pages.keyOf(edge)} edge=${edge} row=${row} />`)}
    ${state === 'failed' && html`<${Failed} error=${error} onRetry=${() => pages.more()} />`}
    ${hasMore && state !== 'failed' && html`<${End} pages=${pages} state=${state} />`}
    ${!hasMore && edges.length > 8 && html`<p class="list-end">${words.states.end}</p>`}
  </section>`;
}

function Row({ edge, row }) {
  return row(edge);
}

function End({ pages, state }) {
  const end = useRef(null);
  useEffect(() => {
    const observer = new IntersectionObserver((entries) => entries.at(-1).isIntersecting && pages.more(), { rootMargin: AHEAD });
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [pages, state]);
  return html`<div ref=${end}><${Skeleton} rows=${2} /></div>`;
}
