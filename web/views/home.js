// The home timeline, LATEST and TOP.
import { html } from '../parts/html.js';
import { Heading } from '../parts/frame/heading.js';
import { laterPart } from '../parts/frame/later.js';
import { Icon } from '../parts/icon.js';
import { List } from '../parts/list.js';
import { TimelineRow } from '../parts/tweets/tweet.js';
import { WhoToFollow } from '../parts/people/suggested.js';
import { Skeleton } from '../parts/states.js';
import { Writer } from '../parts/tweets/writer.js';
import { usePage } from '../parts/context.js';
import { useEffect } from '../vendor/hooks.js';
import { useCell } from '../store/cell.js';
import { words } from '../words.js';

const Starter = laterPart(() => import('../parts/people/starter.js'), 'Starter');

export function HomeView() {
  const { desk, router } = usePage();
  const { query } = useCell(router.cell);
  const isTop = query.get('order') === 'top';
  const state = useCell(desk.home.state);
  const pages = isTop ? desk.home.top : desk.home.latest;
  useEffect(() => {
    if (isTop) pages.start();
    else desk.home.start();
  }, [isTop]);
  return html`<${Heading} title=${words.home.title} isFirst>
      <nav class="tabs" aria-label=${words.home.orders}>
        <a href="/" aria-current=${isTop ? undefined : 'page'}><${Icon} name="clock" size=${18} />${words.home.latest}</a>
        <a href="/?order=top" aria-current=${isTop ? 'page' : undefined}><${Icon} name="sparkles" size=${18} />${words.home.top}</a>
      </nav>
    <//>
    <div class="write-here"><${Writer} label=${words.compose.title} placeholder=${words.compose.placeholder} /></div>
    <${Pill} isTop=${isTop} />
    ${state !== 'READY' && html`<p class="calm" role="status">${words.home.states[state]}</p>`}
    <${Items} pages=${pages} state=${state} />`;
}

// An empty home has a reason: somebody is new, the list is being put together, or all whom they follow are silent.
function Items({ pages, state }) {
  const { desk } = usePage();
  const isStarting = useCell(desk.isStarting);
  const { edges } = useCell(pages.cell);
  const list = (empty, children) => html`<${List} pages=${pages} label=${words.home.title} row=${(edge) => html`<${TimelineRow} edge=${edge} />`} empty=${empty}>${children}<//>`;
  if (isStarting) return html`<${Starter} />${edges.length > 0 && list()}`;
  if (state === 'REBUILDING') return list(words.home.building);
  if (isStarting === null && pages.cell.value.state === 'ready' && !edges.length) return html`<${Skeleton} />`;
  return list(words.home.empty, html`<div class="empty-people"><${WhoToFollow} first=${5} /></div>`);
}

function Pill({ isTop }) {
  const { desk, router } = usePage();
  const { edges, isStale } = useCell(desk.home.waiting);
  const count = edges.length;
  const show = async () => {
    scrollTo({ top: 0 });
    await desk.home.show();
    if (isTop) router.go('/');
  };
  return html`<div class="pill-place" role="status">
    ${(count > 0 || isStale) && html`<button type="button" class="pill" onClick=${show}>
      <${Icon} name="up" size=${18} />${isStale ? words.home.renewed : words.home.fresh(count)}</button>`}
  </div>`;
}
