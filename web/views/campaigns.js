// Campaigns of one's own: the list, the order, and what came of it.
import { html } from '../parts/html.js';
import {
  CAMPAIGN, CAMPAIGNS, CREATE_CAMPAIGN, OWN_TWEETS, PAUSE_CAMPAIGN, RESUME_CAMPAIGN,
} from '../api/documents/campaigns.js';
import { isAbsence } from '../api/errors.js';
import { DaysChart } from '../parts/chart.js';
import { useKept, usePage, usePages } from '../parts/context.js';
import { Field, useForm } from '../parts/form.js';
import { Heading } from '../parts/frame/heading.js';
import { List } from '../parts/list.js';
import { short, wholeDay } from '../parts/moment.js';
import { Empty, Failed, Skeleton } from '../parts/states.js';
import { briefly } from '../parts/tweets/content.js';
import { Quoted } from '../parts/tweets/tweet.js';
import { useEffect, useState } from '../vendor/hooks.js';
import { paths } from '../router.js';
import { useCell } from '../store/cell.js';
import { patiently } from '../store/healing.js';
import { Loaded } from '../store/loaded.js';
import { Pages } from '../store/pages.js';
import { words } from '../words.js';
import { campaignWords, money } from '../words/campaigns.js';

const RENEW_MS = 10_000;
const DAY_MS = 86_400_000;

export function CampaignsView() {
  const { desk } = usePage();
  const pages = usePages('campaigns', () => new Pages({ load: async (after) => (await desk.api.ask(CAMPAIGNS, { after })).viewer.campaigns }));
  const row = ({ node }) => html`<a class="campaign-row" href=${paths.campaign(node.id)}>
    <span class="excerpt">${briefly(node.tweet)}</span>
    <${Status} status=${node.status} />
    <${Budget} campaign=${node} />
    <span class="figures"><b>${short(node.impressions)}</b> ${campaignWords.impressions} <b>${short(node.clicks)}</b> ${campaignWords.clicks}</span>
  </a>`;
  return html`<${Heading} title=${words.nav.campaigns} detail=${campaignWords.detail}>
      <a class="button primary in-heading" href="/campaigns/new">${campaignWords.new}</a>
    <//>
    <${List} pages=${pages} row=${row} label=${words.nav.campaigns} empty=${campaignWords.empty} />`;
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
  return html`<${Heading} title=${campaignWords.one} hasBack />
    ${state === 'failed' && !campaign && !isGone && html`<${Failed} error=${error} onRetry=${() => loaded.renew()} />`}
    ${state === 'loading' && html`<${Skeleton} rows=${3} />`}
    ${isGone && html`<${Empty} ...${campaignWords.gone} />`}
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
      ${campaign.status === 'ACTIVE' && html`<button type="button" onClick=${() => turn(PAUSE_CAMPAIGN)}>${campaignWords.pause}</button>`}
      ${campaign.status === 'PAUSED' && html`<button type="button" class="primary" onClick=${() => turn(RESUME_CAMPAIGN)}>${campaignWords.resume}</button>`}
    </div>
    <${Quoted} tweet=${campaign.tweet} />
    <div class="tiles">
      ${tile(short(impressions), campaignWords.impressions)}
      ${tile(short(clicks), campaignWords.clicks)}
      ${tile(impressions ? `${((100 * clicks) / impressions).toFixed(1)} %` : '–', campaignWords.rate)}
      ${tile(money(campaign.spentCents), campaignWords.spent)}
    </div>
    <${Budget} campaign=${campaign} />
    <figure class="chart">
      <figcaption>${campaignWords.byDay} <span class="key bars-key">${campaignWords.impressions}</span><span class="key dots-key">${campaignWords.clicks}</span></figcaption>
      ${days.length ? html`<${DaysChart} days=${days} label=${campaignWords.chart} format=${short} />` : html`<p class="calm">${campaignWords.noDays}</p>`}
    </figure>
    ${days.length > 0 && html`<details class="help"><summary>${campaignWords.table}</summary><table class="figures-table">
      <thead><tr><th scope="col">${campaignWords.day}</th><th scope="col">${campaignWords.impressions}</th><th scope="col">${campaignWords.clicks}</th><th scope="col">${campaignWords.spent}</th></tr></thead>
      <tbody>${days.map((day) => html`<tr key=${day.day}><th scope="row">${day.day}</th><td>${day.impressions}</td><td>${day.clicks}</td><td>${money(day.spentCents)}</td></tr>`)}</tbody>
    </table></details>`}
    <dl class="terms">
      <div><dt>${campaignWords.bid}</dt><dd>${campaignWords.perThousand(money(campaign.bidCents))}</dd></div>
      <div><dt>${campaignWords.time}</dt><dd>${wholeDay(campaign.startsAt)} – ${wholeDay(campaign.endsAt)}</dd></div>
      <div><dt>${campaignWords.cap}</dt><dd>${campaignWords.perDay(campaign.frequencyCap)}</dd></div>
      <div><dt>${campaignWords.hashtags}</dt><dd>${campaign.targetHashtags.map((tag) => `#${tag}`).join(' ') || campaignWords.everybody}</dd></div>
    </dl>
  </div>`;
}

function Status({ status }) {
  return html`<span class=${`status ${status.toLowerCase()}`}>${campaignWords.statuses[status]}</span>`;
}

function Budget({ campaign: { spentCents, budgetCents } }) {
  return html`<div class="budget"><span>${campaignWords.of(money(spentCents), money(budgetCents))}</span>
    <progress max=${budgetCents} value=${spentCents} aria-label=${campaignWords.budgetUsed} /></div>`;
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
  return html`<${Heading} title=${campaignWords.new} hasBack />
    ${tweets === null && html`<${Skeleton} rows=${3} />`}
    ${tweets?.length === 0 && html`<${Empty} ...${campaignWords.noTweets} />`}
    ${tweets?.length > 0 && html`<form class="form padded" onSubmit=${form.submit}>
      <${Field} label=${campaignWords.tweet} name="tweet" type="select" value=${chosen} required error=${form.errorOf('tweet')} onChange=${(event) => choose(event.currentTarget.value)}>
        <option value="">${campaignWords.choose}</option>
        ${tweets.map((tweet) => html`<option key=${tweet.id} value=${tweet.id}>${briefly(tweet).slice(0, 80)}</option>`)}
      <//>
      ${shown && html`<${Quoted} tweet=${shown} isLinked=${false} />`}
      <div class="columns">
        <${Field} label=${campaignWords.bidField} name="bidCents" type="number" min="0.01" step="0.01" defaultValue="5.00" required hint=${campaignWords.bidHint} error=${form.errorOf('bidCents')} />
        <${Field} label=${campaignWords.budgetField} name="budgetCents" type="number" min="0.01" step="0.01" defaultValue="20.00" required error=${form.errorOf('budgetCents')} />
        <${Field} label=${campaignWords.startsAt} name="startsAt" type="date" defaultValue=${isoDay(today)} required error=${form.errorOf('startsAt')} />
        <${Field} label=${campaignWords.endsAt} name="endsAt" type="date" defaultValue=${isoDay(new Date(today.getTime() + 7 * DAY_MS))} required error=${form.errorOf('endsAt')} />
        <${Field} label=${campaignWords.cap} name="frequencyCap" type="number" min="1" max="100" defaultValue="3" required hint=${campaignWords.capHint} error=${form.errorOf('frequencyCap')} />
        <${Field} label=${campaignWords.hashtags} name="targetHashtags" placeholder="#rooks #gliding" hint=${campaignWords.hashtagsHint} error=${form.errorOf('targetHashtags')} />
      </div>
      ${form.message && html`<p class="field-error" role="alert">${form.message}</p>`}
      <button type="submit" class="primary" disabled=${form.isBusy}>${campaignWords.create}</button>
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
