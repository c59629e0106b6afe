// People in lists, and the buttons to follow them.
import { html } from '../html.js';
import { paths } from '../../router.js';
import { words } from '../../words.js';
import { Avatar } from './avatar.js';
import { useDesk, useRecord } from '../context.js';
import { Icon, Verified } from '../icon.js';

export function Name({ person }) {
  return html`<span class="name"><bdi>${person.name}</bdi>
    ${person.isVerified && html`<${Verified} label=${words.people.verified} />`}
    ${person.isProtected && html`<span class="protected" role="img" aria-label=${words.people.protected}><${Icon} name="lock" size=${15} /></span>`}
  </span>`;
}

/** `reason` says why somebody is suggested. */
export function PersonCard({ person: read, reason, children }) {
  const desk = useDesk();
  const person = useRecord(desk.people, read) ?? read;
  return html`<article class="card-person" tabindex="0" aria-label=${`${person.name}, @${person.handle}`}>
    <a class="face" href=${paths.person(person.handle)} tabindex="-1" aria-hidden="true"><${Avatar} person=${person} /></a>
    <div class="who">
      <a href=${paths.person(person.handle)}><${Name} person=${person} /></a>
      <span class="handle">@${person.handle} ${person.relationship?.isFollowedBy && html`<span class="tag">${words.people.followsYou}</span>`}</span>
      ${reason && html`<small>${reason}</small>`}
      ${person.bio && html`<p dir="auto">${person.bio}</p>`}
    </div>
    <div class="card-acts">${children ?? html`<${FollowButton} person=${person} />`}</div>
  </article>`;
}

export function FollowButton({ person, isBig = false }) {
  const desk = useDesk();
  const { relationship } = person;
  if (!desk.isSignedIn || !relationship || person.handle === desk.handle) return null;
  if (relationship.isBlocking) return null;
  const isOn = relationship.isFollowing || relationship.hasRequestedFollow;
  const label = relationship.isFollowing ? words.people.following : relationship.hasRequestedFollow ? words.people.requested : words.people.follow;
  return html`<button type="button" class=${`follow ${isOn ? 'on' : 'primary'} ${isBig ? 'big' : ''}`} aria-pressed=${isOn}
    aria-label=${words.people.followName(label, person.handle)} onClick=${() => desk.follow(person, !isOn)}>
    <span>${label}</span>${isOn && html`<span class="instead" aria-hidden="true">${relationship.isFollowing ? words.people.unfollow : words.people.withdraw}</span>`}
  </button>`;
}
