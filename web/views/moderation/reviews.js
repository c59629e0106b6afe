// Who and what waits for a review: people whose sign-up needs an approval, and campaigns.
import { html } from '../../parts/html.js';
import { REVIEW_CAMPAIGN, REVIEW_SIGN_UP, REVIEWS, SIGN_UPS } from '../../api/documents/moderation.js';
import { useDesk, usePages } from '../../parts/context.js';
import { List } from '../../parts/list.js';
import { wholeDay } from '../../parts/moment.js';
import { PersonCard } from '../../parts/people/person.js';
import { Quoted } from '../../parts/tweets/tweet.js';
import { Pages } from '../../store/pages.js';
import { campaignWords, money } from '../../words/campaigns.js';
import { moderationWords } from '../../words/moderation.js';

const { room } = moderationWords;

export function SignUps() {
  const desk = useDesk();
  const pages = usePages('sign-ups', () => new Pages({ load: async (after) => (await desk.api.ask(SIGN_UPS, { after })).moderation.signUps }));
  return html`<${List} pages=${pages} label=${room.partNames['sign-ups']} empty=${room.emptySignUps}
    row=${({ node }) => html`<${PersonCard} person=${node}><${Verdict} pages=${pages} id=${node.id} mutation=${REVIEW_SIGN_UP} /><//>`} />`;
}

export function Reviews() {
  const desk = useDesk();
  const pages = usePages('reviews', () => new Pages({ load: async (after) => (await desk.api.ask(REVIEWS, { after })).moderation.campaigns }));
  const row = ({ node }) => html`<article class="report" tabindex="0" aria-label=${campaignWords.one}>
    <p class="grounds"><b>${money(node.budgetCents)}</b> <span class="dot" aria-hidden="true">·</span> ${wholeDay(node.startsAt)} – ${wholeDay(node.endsAt)}
      ${node.targetHashtags.length > 0 && html` <span class="dot" aria-hidden="true">·</span> ${node.targetHashtags.map((tag) => `#${tag}`).join(' ')}`}</p>
    <${Quoted} tweet=${node.tweet} />
    <div class="case-acts"><${Verdict} pages=${pages} id=${node.id} mutation=${REVIEW_CAMPAIGN} /></div>
  </article>`;
  return html`<${List} pages=${pages} label=${room.partNames.campaigns} empty=${room.emptyCampaigns} row=${row} />`;
}

function Verdict({ pages, id, mutation }) {
  const desk = useDesk();
  const review = (isApproved) => async () => {
    try {
      await desk.api.act(mutation, { id, isApproved });
      desk.toasts.say(room.reviewed);
      pages.filter(({ node }) => node.id !== id);
    } catch (error) {
      desk.toasts.failed(error);
    }
  };
  return html`<button type="button" class="primary" onClick=${review(true)}>${room.approve}</button>
    <button type="button" onClick=${review(false)}>${room.reject}</button>`;
}
