// The text of a tweet with its mentions, hashtags and links, whose places are counted in code points.
import { html } from '../html.js';
import { paths } from '../../router.js';

export function TweetText({ tweet, isLinked = true }) {
  const points = [...tweet.text];
  const { mentions, hashtags, urls } = tweet.entities;
  const all = [...mentions, ...hashtags, ...urls].sort((one, other) => one.start - other.start);
  const parts = [];
  let position = 0;
  for (const entity of all) {
    parts.push(points.slice(position, entity.start).join(''));
    parts.push(isLinked ? linked(entity) : html`<span class="entity">${written(points, entity)}</span>`);
    position = entity.end;
  }
  parts.push(points.slice(position).join(''));
  return html`<p class="text" lang=${tweet.lang ?? undefined} dir="auto">${parts}</p>`;

  function linked(entity) {
    const label = written(points, entity);
    if (entity.tag) return html`<a href=${paths.hashtag(entity.tag)}>${label}</a>`;
    if (entity.url) return html`<a href=${addressOf(entity.url)} target="_blank" rel="noopener noreferrer nofollow">${shown(label)}</a>`;
    return entity.user ? html`<a href=${paths.person(entity.handle)}>${label}</a>` : label;
  }
}

function written(points, entity) {
  return points.slice(entity.start, entity.end).join('');
}

function addressOf(url) {
  return /^https?:\/\//i.test(url) ? url : `https://${url}`;
}

function shown(url) {
  const bare = url.replace(/^https?:\/\//i, '');
  return bare.length > 36 ? `${bare.slice(0, 35)}…` : bare;
}
