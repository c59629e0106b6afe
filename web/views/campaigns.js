// Campaigns of one's own: the list, the order, and what came of it.
import { html } from '../parts/html.js';
import { CAMPAIGN, CAMPAIGNS, CREATE_CAMPAIGN, OWN_TWEETS, PAUSE_CAMPAIGN, RESUME_CAMPAIGN } from '../api/documents.js';
import { isAbsence } from '../api/errors.js';
import { DaysChart } from '../parts/chart.js';
import { useKept, usePage, usePages } from '../parts/context.js';
import { Field, useForm } from '../parts/form.js';
import { Heading } from '../parts/heading.js';
import { List } from '../parts/list.js';
import { short, wholeDay } from '../parts/moment.js';
import { Empty, Failed, Skeleton } from '../parts/states.js';
import { Quoted } from '../parts/tweet.js';
import { useEffect, useState } from '../vendor/hooks.js';
import { paths } from '../router.js';
import { useCell } from '../store/cell.js';
import { patiently } from '../store/healing.js';
import { Loaded } from '../store/loaded.js';
import { Pages } from '../store/pages.js';
import { words } from '../words.js';

const RENEW_MS = 10_000;
const DAY_MS = 86_400_000;

export function CampaignsView() {
  const { desk } = usePage();
  const pages = usePages('campaigns', () => new Pages({ load: async (after) => (await desk.api.ask(CAMPAIGNS, { after })).viewer.campaigns }));
  const row = ({ node }) => html`<a class="campaign-row" href=${paths.campaign(node.id)}>
    <span class="excerpt">${node.tweet.text}</span>
    <${Status} status=${node.status} />
    <${Budget} campaign=${node} />
    <span class="figures"><b>${short(node.impressions)}</b> ${words.campaigns.impressions} <b>${short(node.clicks)}</b> ${words.campaigns.clicks}</span>
  </a>`;
  return html`<${Heading} title=${words.nav.campaigns} detail=${words.campaigns.detail}>
      <a class="button primary in-heading" href="/campaigns/new">${words.campaigns.new}</a>
    <//>
    <${List} pages=${pages} row=${row} label=${words.nav.campaigns} empty=${words.campaigns.empty} />`;
}

export function CampaignView() {
  const { desk, router } = usePage();
  const { id } = useCell(router.cell).params;
  const loaded = useKept(`campaign ${id}`, () => new Loaded(async () => (await desk.api.ask(CAMPAIGN, { id })).node));
  useEffect(() => {
    loaded.renew();
    const timer = setInterval(() => document.visibilityState === 'visible' && loaded.renew(), RENEW_MS);
    return () => clearInterval(timer);
  }, [loaded]);
  const { value: campaign, state, error } = useCell(loaded.cell);
  const isGone = isAbsence(error) || (state === 'ready' && !campaign);
  return html`<${Heading} title=${words.campaigns.one} hasBack />
    ${state === 'failed' && !campaign && !isGone && html`<${Failed} error=${error} onRetry=${() => loaded.renew()} />`}
    ${state === 'loading' && html`<${Skeleton} rows=${3} />`}
    ${isGone && html`<${Empty} ...${words.campaigns.gone} />`}
    ${campaign && html`<${Figures} campaign=${campaign} loaded=${loaded} />`}`;
}

function Figures({ campaign, loaded }) {
  const { desk } = usePage();
  const { impressions, clicks, days } = campaign;
  const turn = async (mutation) => {
    try {
      const { campaign: turned } = await desk.api.act(mutation, { id: campaign.id });
      loaded.cell.merge({ value: turned });
    } catch (error) {
      desk.toasts.failed(error);
    }
  };
  const tile = (value, label) => html`<div class="tile" key=${label}><b>${value}</b><span>${label}</span></div>`;
  return html`<div class="campaign">
    <div class="campaign-line"><${Status} status=${campaign.status} />
      ${campaign.status === 'ACTIVE' && html`<button type="button" onClick=${() => turn(PAUSE_CAMPAIGN)}>${words.campaigns.pause}</button>`}
      ${campaign.status === 'PAUSED' && html`<button type="button" class="primary" onClick=${() => turn(RESUME_CAMPAIGN)}>${words.campaigns.resume}</button>`}
    </div>
    <${Quoted} tweet=${campaign.tweet} />
    <div class="tiles">
      ${tile(short(impressions), words.campaigns.impressions)}
      ${tile(short(clicks), words.campaigns.clicks)}
      ${tile(impressions ? `${((100 * clicks) / impressions).toFixed(1)} %` : '–', words.campaigns.rate)}
      ${tile(money(campaign.spentCents), words.campaigns.spent)}
    </div>
    <${Budget} campaign=${campaign} />
    <figure class="chart">
      <figcaption>${words.campaigns.byDay} <span class="key bars-key">${words.campaigns.impressions}</span><span class="key dots-key">${words.campaigns.clicks}</span></figcaption>
      ${days.length ? html`<${DaysChart} days=${days} label=${words.campaigns.chart} format=${short} />` : html`<p class="calm">${words.campaigns.noDays}</p>`}
    </figure>
    ${days.length > 0 && html`<details class="help"><summary>${words.campaigns.table}</summary><table class="figures-table">
      <thead><tr><th scope="col">${words.campaigns.day}</th><th scope="col">${words.campaigns.impressions}</th><th scope="col">${words.campaigns.clicks}</th><th scope="col">${words.campaigns.spent}</th></tr></thead>
      <tbody>${days.map((day) => html`<tr key=${day.day}><th scope="row">${day.day}</th><td>${day.impressions}</td><td>${day.clicks}</td><td>${money(day.spentCents)}</td></tr>`)}</tbody>
    </table></details>`}
    <dl class="terms">
      <div><dt>${words.campaigns.bid}</dt><dd>${words.campaigns.perThousand(money(campaign.bidCents))}</dd></div>
      <div><dt>${words.campaigns.time}</dt><dd>${wholeDay(campaign.startsAt)} – ${wholeDay(campaign.endsAt)}</dd></div>
      <div><dt>${words.campaigns.cap}</dt><dd>${words.campaigns.perDay(campaign.frequencyCap)}</dd></div>
      <div><dt>${words.campaigns.hashtags}</dt><dd>${campaign.targetHashtags.map((tag) => `#${tag}`).join(' ') || words.campaigns.everybody}</dd></div>
    </dl>
  </div>`;
}

function Status({ status }) {
  return html`<span class=${`status ${status.toLowerCase()}`}>${words.campaigns.statuses[status]}</span>`;
}

function Budget({ campaign: { spentCents, budgetCents } }) {
  return html`<div class="budget"><span>${words.campaigns.of(money(spentCents), money(budgetCents))}</span>
    <progress max=${budgetCents} value=${spentCents} aria-label=${words.campaigns.budgetUsed} /></div>`;
}

export function NewCampaignView() {
  const { desk, router } = usePage();
  const { query } = useCell(router.cell);
  const tweets = useOwnTweets(desk);
  const [chosen, choose] = useState(query.get('tweet') ?? '');
  const form = useForm(async (values) => {
    const { campaign } = await desk.api.act(CREATE_CAMPAIGN, { input: orderOf(values) });
    router.go(paths.campaign(campaign.id), { replace: true });
  });
  const today = new Date();
  const shown = tweets?.find(({ id }) => id === chosen);
  return html`<${Heading} title=${words.campaigns.new} hasBack />
    ${tweets === null && html`<${Skeleton} rows=${3} />`}
    ${tweets?.length === 0 && html`<${Empty} ...${words.campaigns.noTweets} />`}
    ${tweets?.length > 0 && html`<form class="form padded" onSubmit=${form.submit}>
      <${Field} label=${words.campaigns.tweet} name="tweet" type="select" value=${chosen} required error=${form.errorOf('tweet')} onChange=${(event) => choose(event.currentTarget.value)}>
        <option value="">${words.campaigns.choose}</option>
        ${tweets.map(({ id, text }) => html`<option key=${id} value=${id}>${text.slice(0, 80)}</option>`)}
      <//>
      ${shown && html`<${Quoted} tweet=${shown} isLinked=${false} />`}
      <div class="columns">
        <${Field} label=${words.campaigns.bidField} name="bidCents" type="number" min="0.01" step="0.01" defaultValue="5.00" required hint=${words.campaigns.bidHint} error=${form.errorOf('bidCents')} />
        <${Field} label=${words.campaigns.budgetField} name="budgetCents" type="number" min="0.01" step="0.01" defaultValue="20.00" required error=${form.errorOf('budgetCents')} />
        <${Field} label=${words.campaigns.startsAt} name="startsAt" type="date" defaultValue=${isoDay(today)} required error=${form.errorOf('startsAt')} />
        <${Field} label=${words.campaigns.endsAt} name="endsAt" type="date" defaultValue=${isoDay(new Date(today.getTime() + 7 * DAY_MS))} required error=${form.errorOf('endsAt')} />
        <${Field} label=${words.campaigns.cap} name="frequencyCap" type="number" min="1" max="100" defaultValue="3" required hint=${words.campaigns.capHint} error=${form.errorOf('frequencyCap')} />
        <${Field} label=${words.campaigns.hashtags} name="targetHashtags" placeholder="#rooks #gliding" hint=${words.campaigns.hashtagsHint} error=${form.errorOf('targetHashtags')} />
      </div>
      ${form.message && html`<p class="field-error" role="alert">${form.message}</p>`}
      <button type="submit" class="primary" disabled=${form.isBusy}>${words.campaigns.create}</button>
    </form>`}`;
}

function useOwnTweets(desk) {
  const [tweets, setTweets] = useState(null);
  useEffect(() => {
    let isWanted = true;
    patiently(() => desk.api.ask(OWN_TWEETS, { handle: desk.handle }), () => isWanted).then(
      (answer) => isWanted && setTweets(answer.user.tweets.edges.map(({ node }) => node).filter(({ __typename }) => __typename === 'Tweet')),
      (error) => (desk.toasts.failed(error), setTweets([])),
    );
    return () => (isWanted = false);
  }, [desk]);
  return tweets;
}

function orderOf(values) {
  return {
    tweet: values.tweet,
    bidCents: Math.round(Number(values.bidCents) * 100),
    budgetCents: Math.round(Number(values.budgetCents) * 100),
    startsAt: new Date(`${values.startsAt}T00:00`).toISOString(),
    endsAt: new Date(`${values.endsAt}T23:59:59`).toISOString(),
    frequencyCap: Number(values.frequencyCap),
    targetHashtags: values.targetHashtags.split(/[\s,]+/).filter(Boolean),
  };
}

function isoDay(date) {
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

const dollars = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD' });

function money(cents) {
  return dollars.format(cents / 100);
}
