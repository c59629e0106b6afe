// A report with what one has to know for a decision: the thread, the person, and what was decided about them earlier.
import { html } from '../../parts/html.js';
import { HISTORY, REPORT_CONTEXT } from '../../api/documents/moderation.js';
import { isAbsence } from '../../api/errors.js';
import { useKept, usePage } from '../../parts/context.js';
import { Heading } from '../../parts/frame/heading.js';
import { Case } from '../../parts/moderation/case.js';
import { takeSubject } from '../../parts/moderation/decision.js';
import { Standing } from '../../parts/moderation/standing.js';
import { monthAndYear, short } from '../../parts/moment.js';
import { PersonCard } from '../../parts/people/person.js';
import { Empty, Failed, Skeleton } from '../../parts/states.js';
import { Quoted, TweetRow } from '../../parts/tweets/tweet.js';
import { useEffect } from '../../vendor/hooks.js';
import { useCell } from '../../store/cell.js';
import { Loaded } from '../../store/loaded.js';
import { takeTweet } from '../../store/records.js';
import { profileWords } from '../../words/profile.js';
import { moderationWords } from '../../words/moderation.js';

const { room } = moderationWords;

export function Context({ id }) {
  const { desk } = usePage();
  const loaded = useKept(`report ${id}`, () => new Loaded(() => read(desk, id)));
  useEffect(() => loaded.start(), [loaded]);
  const { value: found, state, error } = useCell(loaded.cell);
  const isGone = isAbsence(error) || (state === 'ready' && !found);
  const renew = () => loaded.renew();
  return html`<${Heading} title=${room.report} hasBack />
    ${isGone && html`<${Empty} ...${room.reportGone} />`}
    ${state === 'failed' && !isGone && html`<${Failed} error=${error} onRetry=${renew} />`}
    ${state === 'loading' && html`<${Skeleton} rows=${3} />`}
    ${found && html`<${Case} report=${found.report} hasContext=${false} onAnswered=${renew} onStale=${renew} />
      ${found.thread.length > 0 && html`<h2 class="explore-title">${room.thread}</h2>
        ${found.thread.map((tweet) => html`<${TweetRow} key=${tweet.id} tweet=${tweet} />`)}`}
      ${found.person && html`<${About} ...${found} onRevoked=${renew} />`}`}`;
}

/** {report, thread, person, decisions, recent}; null where there is no such report. */
async function read(desk, id) {
  const { node: report } = await desk.api.ask(REPORT_CONTEXT, { id });
  if (!report?.id) return null;
  takeSubject(desk, { node: report });
  const { subject, about } = report;
  const person = about?.author ?? about;
  if (!person) return { report, thread: [], person: null };
  const { moderation, user } = await desk.api.ask(HISTORY, { id: person.id, handle: person.handle });
  desk.people.take(person);
  moderation.history.edges.forEach((edge) => takeSubject(desk, edge));
  const thread = about.ancestors ?? [];
  thread.forEach((tweet) => takeTweet(desk, tweet));
  const recent = (user?.tweets.edges ?? []).map(({ node }) => node).filter((node) => node.__typename === 'Tweet' && node.id !== subject.id);
  return { report, thread, person, decisions: moderation.history.edges.map(({ node }) => node), recent };
}

function About({ person, decisions, recent, onRevoked }) {
  return html`<h2 class="explore-title">${room.about}</h2>
    <div class="flat-card"><${PersonCard} person=${person}><span /><//>
      <p class="grounds">${profileWords.joined(monthAndYear(person.joinedAt))} <span class="dot" aria-hidden="true">·</span>
        ${' '}${short(person.followerCount)} ${profileWords.followers(person.followerCount)} <span class="dot" aria-hidden="true">·</span>
        ${' '}${profileWords.tweets(short(person.tweetCount), person.tweetCount)}</p></div>
    <h2 class="explore-title">${room.earlier}</h2>
    ${decisions.length ? decisions.map((decision) => html`<${Standing} heading="h3" key=${decision.id} decision=${decision} onRevoked=${onRevoked} />`) : html`<p class="calm">${room.noEarlier}</p>`}
    ${recent.length > 0 && html`<h2 class="explore-title">${room.recent}</h2>
      <div class="recent">${recent.map((tweet) => html`<${Quoted} key=${tweet.id} tweet=${tweet} />`)}</div>`}`;
}
