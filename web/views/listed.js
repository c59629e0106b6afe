// Lists of people: one's own, and one with its timeline, its people, and what its owner may change.
import { html } from '../parts/html.js';
import {
  CREATE_LIST, DELETE_LIST, LIST_MEMBERS, LIST_OF, LISTS, REMOVE_FROM_LIST, UPDATE_LIST,
} from '../api/documents/listed.js';
import { isAbsence } from '../api/errors.js';
import { ListFeed } from '../live/list.js';
import { useKept, usePage, usePages } from '../parts/context.js';
import { Confirm } from '../parts/dialog.js';
import { Field, Toggle, useForm } from '../parts/form.js';
import { Heading, Tabs } from '../parts/frame/heading.js';
import { Icon } from '../parts/icon.js';
import { List } from '../parts/list.js';
import { PersonCard } from '../parts/people/person.js';
import { Empty, Failed, Skeleton } from '../parts/states.js';
import { TimelineRow } from '../parts/tweets/tweet.js';
import { useEffect, useState } from '../vendor/hooks.js';
import { paths } from '../router.js';
import { useCell } from '../store/cell.js';
import { Loaded } from '../store/loaded.js';
import { connectionOf, Pages } from '../store/pages.js';
import { words } from '../words.js';
import { listedWords } from '../words/listed.js';

export function ListsView() {
  const { desk, router } = usePage();
  const [isMaking, make] = useState(false);
  const pages = usePages('lists', () => new Pages({ load: async (after) => (await desk.api.ask(LISTS, { after })).viewer.lists }));
  const row = ({ node }) => html`<a class="settings-link" href=${paths.list(node.id)}><${Icon} name="people" />
    <b dir="auto">${node.name}</b> <small>${listedWords.people(node.memberCount)}${node.isPrivate ? ` · ${listedWords.privately}` : ''}</small></a>`;
  const create = async (input) => {
    const { list } = await desk.api.act(CREATE_LIST, { input });
    router.go(paths.list(list.id, 'people'));
  };
  return html`<${Heading} title=${listedWords.title} detail=${listedWords.detail}>
      ${!isMaking && html`<button type="button" class="primary in-heading" onClick=${() => make(true)}>${listedWords.make}</button>`}
    <//>
    ${isMaking && html`<div class="settings"><${Fields} label=${listedWords.create} save=${create} /></div>`}
    <${List} pages=${pages} row=${row} label=${listedWords.title} empty=${listedWords.empty} />`;
}

export function ListView() {
  const { desk, router } = usePage();
  const { id, part = 'tweets' } = useCell(router.cell).params;
  const loaded = useKept(`list ${id}`, () => new Loaded(async () => (await desk.api.ask(LIST_OF, { id })).list));
  useEffect(() => loaded.start(), [loaded]);
  const { value: list, state, error } = useCell(loaded.cell);
  if (isAbsence(error) || (state === 'ready' && !list)) return html`<${Heading} title=${listedWords.title} hasBack /><${Empty} ...${listedWords.gone} />`;
  if (!list) {
    return html`<${Heading} title=${listedWords.title} hasBack />
      ${state === 'failed' ? html`<${Failed} error=${error} onRetry=${() => loaded.renew()} />` : html`<${Skeleton} />`}`;
  }
  const isOwn = list.owner.handle === desk.handle;
  const change = (value) => loaded.cell.merge({ value });
  const Part = { people: People, edit: isOwn && Edit }[part] || Tweets;
  return html`<${Heading} title=${list.name} detail=${`@${list.owner.handle} · ${listedWords.people(list.memberCount)}`} hasBack>
      <${Tabs} label=${listedWords.parts} tabs=${['tweets', 'people', 'edit'].filter((name) => isOwn || name !== 'edit').map((name) => ({
        label: listedWords.partNames[name], href: paths.list(id, name === 'tweets' ? '' : name), isCurrent: name === part,
      }))} />
    <//>
    ${part === 'tweets' && list.description && html`<p class="calm" dir="auto">${list.description}</p>`}
    <${Part} list=${list} isOwn=${isOwn} change=${change} />`;
}

function Tweets({ list }) {
  const { desk } = usePage();
  const feed = useKept(`feed ${list.id}`, () => new ListFeed(desk, list.id));
  useEffect(() => feed.watch(), [feed]);
  const waiting = useCell(feed.waiting);
  const show = () => {
    scrollTo({ top: 0 });
    feed.show();
  };
  return html`<div class="pill-place" role="status">
      ${waiting.length > 0 && html`<button type="button" class="pill" onClick=${show}><${Icon} name="up" size=${18} />${listedWords.fresh(waiting.length)}</button>`}
    </div>
    <${List} pages=${feed.pages} row=${(edge) => html`<${TimelineRow} edge=${edge} />`} label=${list.name} empty=${listedWords.quiet} />`;
}

function People({ list, isOwn, change }) {
  const { desk } = usePage();
  const pages = usePages(`people of ${list.id}`, () => new Pages({
    load: async (after) => connectionOf((await desk.api.ask(LIST_MEMBERS, { id: list.id, after })).list?.members),
    take: ({ node }) => desk.people.take(node),
  }));
  const takeOut = async (person) => {
    try {
      const answer = await desk.api.act(REMOVE_FROM_LIST, { id: list.id, userId: person.id });
      pages.filter(({ node }) => node.id !== person.id);
      change(answer.list);
    } catch (error) {
      desk.toasts.failed(error);
    }
  };
  const row = ({ node }) => html`<${PersonCard} person=${node}>
    ${isOwn && html`<button type="button" onClick=${() => takeOut(node)}>${listedWords.takeOut}</button>`}<//>`;
  return html`<${List} pages=${pages} row=${row} label=${listedWords.partNames.people} empty=${listedWords.nobody} />`;
}

function Edit({ list, change }) {
  const { desk, router } = usePage();
  const [isAsking, ask] = useState(false);
  const save = async (input) => {
    change((await desk.api.act(UPDATE_LIST, { id: list.id, input })).list);
    desk.toasts.say(listedWords.saved);
  };
  const remove = async () => {
    try {
      await desk.api.act(DELETE_LIST, { id: list.id });
      router.go('/lists', { replace: true });
    } catch (error) {
      desk.toasts.failed(error);
    }
  };
  return html`<div class="settings"><${Fields} list=${list} label=${words.acts.save} save=${save} />
    <p><button type="button" class="bad" onClick=${() => ask(true)}>${listedWords.delete}</button></p></div>
    ${isAsking && html`<${Confirm} title=${listedWords.deleteTitle} text=${listedWords.deleteText} label=${listedWords.delete} onClose=${() => ask(false)} onYes=${remove} />`}`;
}

function Fields({ list, label, save }) {
  const [isPrivate, keep] = useState(list?.isPrivate ?? false);
  const form = useForm(({ name, description }) => save({ name, description: description || null, isPrivate }));
  return html`<form class="form" onSubmit=${form.submit}>
    <${Field} label=${listedWords.name} name="name" defaultValue=${list?.name ?? ''} maxlength="50" required error=${form.errorOf('name')} />
    <${Field} label=${listedWords.description} name="description" defaultValue=${list?.description ?? ''} maxlength="160" error=${form.errorOf('description')} />
    <${Toggle} label=${listedWords.private} hint=${listedWords.privateHint} isOn=${isPrivate} onTurn=${keep} />
    ${form.message && html`<p class="field-error" role="alert">${form.message}</p>`}
    <button type="submit" class="primary" disabled=${form.isBusy}>${label}</button>
  </form>`;
}
