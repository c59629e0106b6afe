// Settings, a section at a time.
import { html } from '../parts/html.js';
import { BLOCKED, CHANGE_PASSWORD, DELETE_ACCOUNT, MUTED, SETTINGS, SET_MUTED_WORDS, SET_PREFERENCE, UPDATE_PROFILE } from '../api/documents/settings.js';
import { UNBLOCK, UNMUTE } from '../api/documents/people.js';
import { useKept, usePage, usePages } from '../parts/context.js';
import { Confirm } from '../parts/dialog.js';
import { Field, Toggle, useForm } from '../parts/form.js';
import { Heading, Tabs } from '../parts/frame/heading.js';
import { Icon } from '../parts/icon.js';
import { List } from '../parts/list.js';
import { PersonCard } from '../parts/people/person.js';
import { Portrait } from '../parts/people/portrait.js';
import { Failed, Skeleton } from '../parts/states.js';
import { ThemeChoice } from '../parts/frame/theme.js';
import { useEffect, useState } from '../vendor/hooks.js';
import { useCell } from '../store/cell.js';
import { Loaded } from '../store/loaded.js';
import { Pages } from '../store/pages.js';
import { words } from '../words.js';
import { listWords } from '../words/lists.js';
import { settingsWords } from '../words/settings.js';
import { welcomeWords } from '../words/welcome.js';
import { Address, Handle } from './credentials.js';
import { OwnDecisions } from './moderation/own.js';
import { Pushes } from './pushes.js';
import { Sessions } from './sessions.js';
import { Tokens } from './tokens.js';

const FACE = { width: 400, height: 400 };
const BANNER = { width: 1500, height: 500 };
const SECTIONS = {
  profile: Profile, privacy: Privacy, muted: Muted, notifications: Preferences, appearance: ThemeChoice, sessions: Sessions, tokens: Tokens, decisions: OwnDecisions, account: Account,
};

export function SettingsView() {
  const { desk, router } = usePage();
  const { params } = useCell(router.cell);
  const section = SECTIONS[params.section] ? params.section : 'profile';
  const loaded = useKept('settings', () => new Loaded(async () => (await desk.api.ask(SETTINGS)).viewer));
  useEffect(() => loaded.start(), [loaded]);
  const { value: viewer, state, error } = useCell(loaded.cell);
  return html`<${Heading} title=${words.nav.settings}>
      <${Tabs} label=${settingsWords.sections} tabs=${Object.keys(SECTIONS).map((name) => ({
        label: settingsWords.names[name], href: `/settings/${name}`, isCurrent: name === section,
      }))} />
    <//>
    ${state === 'failed' && html`<${Failed} error=${error} onRetry=${() => loaded.renew()} />`}
    ${state === 'loading' && html`<${Skeleton} rows=${4} />`}
    ${state === 'ready' && viewer && html`<div class="settings"><${SECTIONS[section]} viewer=${viewer} change=${(fields) => loaded.cell.merge({ value: { ...loaded.cell.value.value, ...fields } })} /></div>`}`;
}

function Profile({ viewer, change }) {
  const { desk } = usePage();
  const { user } = viewer;
  const form = useForm(async ({ name, bio }) => saved(desk, change, { name, bio: bio || null }));
  const show = (field) => (id) => saved(desk, change, { [field]: id }).catch((error) => desk.toasts.failed(error));
  return html`<${Portrait} label=${words.pictures.avatar} current=${user.avatarUrl} shape=${FACE} onChosen=${show('avatar')} />
    <${Portrait} label=${words.pictures.banner} current=${user.bannerUrl} shape=${BANNER} onChosen=${show('banner')} />
    <form class="form" onSubmit=${form.submit}>
    <${Field} label=${welcomeWords.name} name="name" defaultValue=${user.name} maxlength="50" required error=${form.errorOf('name')} />
    <${Field} label=${settingsWords.bio} name="bio" type="textarea" rows="3" defaultValue=${user.bio ?? ''} maxlength="160" error=${form.errorOf('bio')} />
    ${form.message && html`<p class="field-error" role="alert">${form.message}</p>`}
    <button type="submit" class="primary" disabled=${form.isBusy}>${words.acts.save}</button>
  </form>`;
}

async function saved(desk, change, input) {
  const { user } = await desk.api.act(UPDATE_PROFILE, { input });
  desk.people.take(user);
  desk.me.set(user);
  change({ user });
  desk.toasts.say(settingsWords.saved);
}

function Privacy({ viewer, change }) {
  const { desk } = usePage();
  const turn = async (isProtected) => {
    change({ user: { ...viewer.user, isProtected } });
    try {
      await saved(desk, change, { isProtected });
    } catch (error) {
      change({ user: viewer.user });
      desk.toasts.failed(error);
    }
  };
  return html`<${Toggle} label=${settingsWords.protected} hint=${settingsWords.protectedHint} isOn=${viewer.user.isProtected} onTurn=${turn} />
    <a class="settings-link" href="/requests"><${Icon} name="people" />${listWords.requests.title}${viewer.followRequests.edges.length > 0 && html`<b class="badge">!</b>`}</a>
    <h2>${settingsWords.blocked}</h2>
    <${Undone} name="blocked" document=${BLOCKED} field="blockedUsers" mutation=${UNBLOCK} label=${words.people.unblock} empty=${settingsWords.noBlocked} />`;
}

function Muted({ viewer, change }) {
  const { desk } = usePage();
  const set = async (mutedWords) => {
    const { viewer: changed } = await desk.api.act(SET_MUTED_WORDS, { words: mutedWords });
    change({ mutedWords: changed.mutedWords });
  };
  const form = useForm(async ({ words: word }, element) => {
    if (!word.trim()) return;
    await set([...viewer.mutedWords, word.trim()]);
    element.reset();
  });
  const remove = (word) => set(viewer.mutedWords.filter((other) => other !== word)).catch((error) => desk.toasts.failed(error));
  return html`<h2>${settingsWords.mutedWords}</h2>
    <form class="inline" onSubmit=${form.submit}>
      <${Field} label=${settingsWords.mutedWord} name="words" maxlength="100" hint=${settingsWords.mutedHint} error=${form.errorOf('words')} />
      <button type="submit" class="primary" disabled=${form.isBusy}>${words.acts.add}</button>
    </form>
    ${form.message && html`<p class="field-error" role="alert">${form.message}</p>`}
    <ul class="chips">${viewer.mutedWords.map((word) => html`<li key=${word}><span dir="auto">${word}</span>
      <button type="button" class="round" aria-label=${settingsWords.unmuteWord(word)} onClick=${() => remove(word)}><${Icon} name="close" size=${15} /></button></li>`)}</ul>
    <h2>${settingsWords.mutedPeople}</h2>
    <${Undone} name="muted" document=${MUTED} field="mutedUsers" mutation=${UNMUTE} label=${words.people.unmute} empty=${settingsWords.noMuted} />`;
}

function Undone({ name, document, field, mutation, label, empty }) {
  const { desk } = usePage();
  const pages = usePages(name, () => new Pages({
    load: async (after) => (await desk.api.ask(document, { after })).viewer[field],
    take: ({ node }) => desk.people.take(node),
  }));
  const undo = async (person) => {
    const { edges } = pages.cell.value;
    pages.filter(({ node }) => node.id !== person.id);
    try {
      desk.people.take((await desk.api.act(mutation, { id: person.id })).user);
    } catch (error) {
      pages.cell.merge({ edges });
      desk.toasts.failed(error);
    }
  };
  const { edges, state, hasMore } = useCell(pages.cell);
  if (state === 'ready' && !edges.length && !hasMore) return html`<p class="calm">${empty}</p>`;
  return html`<${List} pages=${pages} label=${label} skeletonRows=${2} empty=${{ title: empty }}
    row=${({ node }) => html`<${PersonCard} person=${node}><button type="button" onClick=${() => undo(node)}>${label}</button><//>`} />`;
}

function Preferences({ viewer, change }) {
  const { desk } = usePage();
  const set = async (kind, audience) => {
    const before = viewer.notificationPreferences;
    change({ notificationPreferences: before.map((one) => (one.kind === kind ? { kind, audience } : one)) });
    try {
      await desk.api.act(SET_PREFERENCE, { kind, audience });
    } catch (error) {
      change({ notificationPreferences: before });
      desk.toasts.failed(error);
    }
  };
  return html`<${Pushes} />
    <p class="lead">${settingsWords.preferences}</p>
    <div class="preferences">${viewer.notificationPreferences.map(({ kind, audience }) => html`<${Field} key=${kind} label=${listWords.notifications.kinds[kind]} name=${kind} type="select" value=${audience}
      onChange=${(event) => set(kind, event.currentTarget.value)}>
      ${['EVERYONE', 'FOLLOWING', 'NOBODY'].map((one) => html`<option key=${one} value=${one} selected=${one === audience}>${settingsWords.audiences[one]}</option>`)}
    <//>`)}</div>`;
}

function Account({ viewer, change }) {
  const { desk, session } = usePage();
  const [answer, ask] = useState(null);
  const password = useForm(async ({ current, new: wanted }, element) => {
    const { viewer: changed } = await desk.api.act(CHANGE_PASSWORD, { current, new: wanted });
    change({ sessions: changed.sessions });
    element.reset();
    desk.toasts.say(settingsWords.passwordChanged);
  });
  const removal = useForm(async ({ password: typed }) => {
    const isSure = await new Promise((resolve) => ask(() => resolve));
    ask(null);
    if (!isSure) return;
    await desk.api.act(DELETE_ACCOUNT, { password: typed });
    desk.drafts.forget();
    session.end();
  });
  return html`<p class="lead">${settingsWords.signedInAs(viewer.user.handle, viewer.email)}</p>
    <h2>${settingsWords.password}</h2>
    <form class="form" onSubmit=${password.submit}>
      <input type="text" name="username" autocomplete="username" value=${viewer.user.handle} hidden readonly />
      <${Field} label=${settingsWords.currentPassword} name="current" type="password" autocomplete="current-password" required error=${password.errorOf('current')} />
      <${Field} label=${settingsWords.newPassword} name="new" type="password" autocomplete="new-password" required hint=${welcomeWords.passwordHint} error=${password.errorOf('new')} />
      ${password.message && html`<p class="field-error" role="alert">${password.message}</p>`}
      <button type="submit" class="primary" disabled=${password.isBusy}>${settingsWords.changePassword}</button>
    </form>
    <${Address} viewer=${viewer} change=${change} />
    <${Handle} />
    <h2>${settingsWords.delete}</h2>
    <p>${settingsWords.deleteText}</p>
    <form class="form" onSubmit=${removal.submit}>
      <${Field} label=${settingsWords.deletePassword} name="password" type="password" autocomplete="current-password" required error=${removal.errorOf('password')} />
      ${removal.message && html`<p class="field-error" role="alert">${removal.message}</p>`}
      <button type="submit" class="bad">${settingsWords.delete}</button>
    </form>
    ${answer && html`<${Confirm} title=${settingsWords.deleteTitle} text=${settingsWords.deleteText} label=${settingsWords.delete} onClose=${() => answer(false)} onYes=${() => answer(true)} />`}`;
}
