// What a tweet said before it was edited.
import { html } from '../parts/html.js';
import { REVISIONS } from '../api/documents/tweets.js';
import { ApiError, isAbsence } from '../api/errors.js';
import { useKept, usePage, usePages } from '../parts/context.js';
import { Heading } from '../parts/frame/heading.js';
import { Icon } from '../parts/icon.js';
import { List } from '../parts/list.js';
import { WholeMoment } from '../parts/moment.js';
import { Empty } from '../parts/states.js';
import { Pictures } from '../parts/tweets/pictures.js';
import { TweetRow } from '../parts/tweets/tweet.js';
import { Cell, useCell } from '../store/cell.js';
import { Pages } from '../store/pages.js';
import { takeTweet } from '../store/records.js';
import { threadWords } from '../words/threads.js';

export function RevisionsView({ id }) {
  const { desk } = usePage();
  const read = useKept(`edited ${id}`, () => new Cell(null));
  const pages = usePages(`revisions ${id}`, () => new Pages({
    load: async (after) => {
      const { tweet } = await desk.api.ask(REVISIONS, { id, after });
      if (!tweet) throw new ApiError('NOT_FOUND', '');
      takeTweet(desk, tweet);
      read.set(tweet);
      return tweet.revisions;
    },
    keyOf: ({ cursor }) => cursor,
  }));
  const { error } = useCell(pages.cell);
  const tweet = useCell(read);
  return html`<${Heading} title=${threadWords.revisions.title} hasBack />
    ${isAbsence(error)
      ? html`<${Empty} ...${threadWords.thread.gone} />`
      : html`${tweet && html`<${TweetRow} tweet=${tweet} context=${html`<${Icon} name="check" size=${16} />${threadWords.revisions.current}`} />`}
        <${List} pages=${pages} row=${({ node }) => html`<${Revision} revision=${node} isSensitive=${tweet?.isSensitive} />`} label=${threadWords.revisions.title} empty=${threadWords.revisions.none} />`}`;
}

function Revision({ revision: { text, contentWarning, media, at }, isSensitive }) {
  return html`<article class="revision" tabindex="0">
    <p class="context"><${Icon} name="clock" size=${16} /><${WholeMoment} at=${at} /></p>
    ${contentWarning && html`<p class="warned"><${Icon} name="warning" size=${18} /><span dir="auto">${contentWarning}</span></p>`}
    <p class="text" dir="auto">${text}</p>
    <${Pictures} media=${media} isSensitive=${isSensitive} />
  </article>`;
}
