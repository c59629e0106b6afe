// Who is not signed in sees what this is, and how to come in.
import { html } from '../parts/html.js';
import { HAS_DEMO, LOGIN, REGISTER } from '../api/documents/signing.js';
import { graphiqlAddress, hasMail, usePage, useTitle } from '../parts/context.js';
import { Field, useForm } from '../parts/form.js';
import { Rooks } from '../parts/frame/rooks.js';
import { useEffect, useState } from '../vendor/hooks.js';
import { useCell } from '../store/cell.js';
import { thisDevice } from '../store/device.js';
import { patiently } from '../store/healing.js';
import { fulfil } from '../store/wishes.js';
import { words } from '../words.js';
import { credentialWords } from '../words/credentials.js';
import { welcomeWords } from '../words/welcome.js';

export function WelcomeView() {
  const { desk, session, router } = usePage();
  const { view, query, wish } = useCell(router.cell);
  const [isNew, setNew] = useState(query.has('new'));
  const demo = useDemo(desk);
  useTitle(welcomeWords.short);
  const enter = async ({ tokens, viewer }) => {
    const here = view === 'welcome' ? '/' : location.pathname + location.search;
    await fulfil(wish, tokens.accessToken);
    session.begin(viewer.user.handle, tokens);
    router.forget();
    router.go(wish?.path ?? here, { replace: true });
  };
  return html`<div class="welcome">
    <section class="hero">
      <${Rooks} />
      <div class="hero-words"><h1 tabindex="-1">${welcomeWords.title}</h1><p>${welcomeWords.text}</p></div>
    </section>
    <section class="enter" aria-label=${welcomeWords.enter}>
      <p class="logo"><img src="/icon.svg" alt="" width="44" height="44" /><span>Rookery</span></p>
      ${demo && html`<${DemoButton} demo=${demo} enter=${enter} />`}
      ${isNew ? html`<${SignUp} enter=${enter} />` : html`<${SignIn} enter=${enter} />`}
      <p class="switch">${isNew ? welcomeWords.hasAccount : welcomeWords.noAccount}
        <button type="button" class="as-link" onClick=${() => setNew(!isNew)}>${isNew ? welcomeWords.signIn : welcomeWords.signUp}</button></p>
      <p class="behind"><a href="/explore">${welcomeWords.look}</a> ${graphiqlAddress() && html`<a href=${graphiqlAddress()}>${words.side.graphiql}</a>`} <a href="/schema.graphql">${words.side.schema}</a></p>
    </section>
  </div>`;
}

/** Handle and password of the account that a server in development offers, once it is known to be there. */
function useDemo(desk) {
  const [demo, setDemo] = useState(null);
  useEffect(() => {
    const [handle, password] = document.querySelector('meta[name=demo]')?.content.split(' ') ?? [];
    if (!handle) return undefined;
    let isWanted = true;
    patiently(() => desk.api.ask(HAS_DEMO, { handle }), () => isWanted).then(
      (answer) => isWanted && answer.user && setDemo({ handle, password }),
      () => {},
    );
    return () => (isWanted = false);
  }, [desk]);
  return demo;
}

function DemoButton({ demo, enter }) {
  const { desk } = usePage();
  const form = useForm(async () => {
    await enter(await desk.api.act(LOGIN, { input: { login: demo.handle, password: demo.password, device: thisDevice() } }));
  });
  return html`<form class="demo" onSubmit=${form.submit}>
    <button type="submit" class="primary wide" disabled=${form.isBusy}>${welcomeWords.demo}</button>
    <small>${welcomeWords.demoHint}</small>
    ${form.message && html`<p class="field-error" role="alert">${form.message}</p>`}
  </form>`;
}

function SignIn({ enter }) {
  const { desk } = usePage();
  const form = useForm(async ({ login, password }) => {
    await enter(await desk.api.act(LOGIN, { input: { login: login.trim().replace(/^@/, ''), password, device: thisDevice() } }));
  });
  return html`<form class="form" onSubmit=${form.submit}>
    <h2>${welcomeWords.signInTitle}</h2>
    <${Field} label=${welcomeWords.login} name="login" autocomplete="username" required />
    <${Field} label=${welcomeWords.password} name="password" type="password" autocomplete="current-password" required error=${form.errorOf('password')} />
    ${form.message && html`<p class="field-error" role="alert">${form.message}</p>`}
    <button type="submit" class="primary wide" disabled=${form.isBusy}>${welcomeWords.signIn}</button>
    ${hasMail() && html`<p class="switch"><a href="/reset">${credentialWords.reset.forgot}</a></p>`}
  </form>`;
}

function SignUp({ enter }) {
  const { desk } = usePage();
  const [isWaiting, setWaiting] = useState(false);
  const form = useForm(async ({ handle, name, email, password }) => {
    const input = { handle: handle.trim().replace(/^@/, ''), name, email, password, device: thisDevice() };
    const made = await desk.api.act(REGISTER, { input });
    if (made.tokens) await enter(made);
    else setWaiting(true);
  });
  if (isWaiting) return html`<h2>${welcomeWords.signUpTitle}</h2><p role="status">${credentialWords.waiting}</p>`;
  return html`<form class="form" onSubmit=${form.submit}>
    <h2>${welcomeWords.signUpTitle}</h2>
    <${Field} label=${welcomeWords.name} name="name" autocomplete="name" required maxlength="50" error=${form.errorOf('name')} />
    <${Field} label=${welcomeWords.handle} name="handle" autocomplete="username" required maxlength="16" hint=${welcomeWords.handleHint} error=${form.errorOf('handle')} />
    <${Field} label=${welcomeWords.email} name="email" type="email" autocomplete="email" required error=${form.errorOf('email')} />
    <${Field} label=${welcomeWords.password} name="password" type="password" autocomplete="new-password" required hint=${welcomeWords.passwordHint} error=${form.errorOf('password')} />
    ${form.message && html`<p class="field-error" role="alert">${form.message}</p>`}
    <button type="submit" class="primary wide" disabled=${form.isBusy}>${welcomeWords.signUp}</button>
  </form>`;
}
