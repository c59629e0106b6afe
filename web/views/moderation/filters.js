// Filters of the operator: what is refused, or held for review. Admins change them.
import { html } from '../../parts/html.js';
import { DELETE_FILTER, FILTERS, SET_FILTER } from '../../api/documents/moderation.js';
import { useDesk, usePages } from '../../parts/context.js';
import { Field, Toggle, useForm } from '../../parts/form.js';
import { Icon } from '../../parts/icon.js';
import { List } from '../../parts/list.js';
import { useCell } from '../../store/cell.js';
import { Pages } from '../../store/pages.js';
import { moderationWords } from '../../words/moderation.js';

const { filters: own, room } = moderationWords;
const MOST_PATTERN = 100;

export function Filters() {
  const desk = useDesk();
  const isAdmin = useCell(desk.account)?.role === 'ADMIN';
  const pages = usePages('filters', () => new Pages({ load: async (after) => (await desk.api.ask(FILTERS, { after })).moderation.filters }));
  const put = (filter) => {
    const { edges } = pages.cell.value;
    const isKnown = edges.some(({ node }) => node.id === filter.id);
    pages.cell.merge({ edges: isKnown ? edges.map((edge) => (edge.node.id === filter.id ? { ...edge, node: filter } : edge)) : [...edges, { cursor: null, node: filter }] });
  };
  return html`<p class="calm">${own.lead}</p>
    ${isAdmin && html`<${Making} onMade=${put} />`}
    <${List} pages=${pages} label=${room.partNames.filters} empty=${own.empty}
      row=${({ node }) => html`<${Row} filter=${node} isAdmin=${isAdmin} onChanged=${put} onDeleted=${({ id }) => pages.filter((edge) => edge.node.id !== id)} />`} />`;
}

function Making({ onMade }) {
  const desk = useDesk();
  const form = useForm(async ({ kind, pattern, effect }, element) => {
    onMade((await desk.api.act(SET_FILTER, { input: { kind, pattern, effect, isOn: true } })).filter);
    element.reset();
  });
  const options = (names) => Object.entries(names).map(([name, label]) => html`<option key=${name} value=${name}>${label}</option>`);
  return html`<form class="form padded" aria-label=${own.make} onSubmit=${form.submit}>
    <div class="columns">
      <${Field} label=${own.kind} name="kind" type="select" error=${form.errorOf('kind')}>${options(own.kinds)}<//>
      <${Field} label=${own.effect} name="effect" type="select" error=${form.errorOf('effect')}>${options(own.effects)}<//>
    </div>
    <${Field} label=${own.pattern} name="pattern" maxlength=${MOST_PATTERN} required hint=${own.patternHint} error=${form.errorOf('pattern')} />
    ${form.message && html`<p class="field-error" role="alert">${form.message}</p>`}
    <button type="submit" class="primary" disabled=${form.isBusy}>${own.make}</button>
  </form>`;
}

function Row({ filter, isAdmin, onChanged, onDeleted }) {
  const desk = useDesk();
  const { id, kind, pattern, effect, isOn } = filter;
  const attempt = async (act) => {
    try {
      await act();
    } catch (error) {
      desk.toasts.failed(error);
    }
  };
  const turn = (isWanted) => attempt(async () => onChanged((await desk.api.act(SET_FILTER, { input: { kind, pattern, effect, isOn: isWanted } })).filter));
  const remove = () => attempt(async () => {
    await desk.api.act(DELETE_FILTER, { id });
    onDeleted(filter);
  });
  const hint = `${own.kinds[kind]} · ${own.effects[effect]}`;
  return html`<article class="filter" tabindex="0" aria-label=${pattern}>
    ${isAdmin
      ? html`<${Toggle} label=${pattern} hint=${hint} isOn=${isOn} onTurn=${turn} />
        <button type="button" class="round" aria-label=${own.deleteName(pattern)} onClick=${remove}><${Icon} name="trash" size=${18} /></button>`
      : html`<div><b dir="auto">${pattern}</b> <small>${hint}${isOn ? '' : ` · ${own.off}`}</small></div>`}
  </article>`;
}
