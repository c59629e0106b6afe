// Whom one may want to follow.
import { html } from '../html.js';
import { WHO_TO_FOLLOW } from '../../api/documents/account.js';
import { useEffect, useState } from '../../vendor/hooks.js';
import { patiently } from '../../store/healing.js';
import { words } from '../../words.js';
import { useDesk } from '../context.js';
import { PersonCard } from './person.js';

export function WhoToFollow({ first = 3 }) {
  const people = useSuggested(first);
  if (!people?.length) return null;
  return html`<section class="box" aria-labelledby="who-title">
    <h2 id="who-title">${words.side.whoToFollow}</h2>
    ${people.map((person) => html`<${PersonCard} key=${person.id} person=${person} />`)}
  </section>`;
}

/** The people, or null as long as they are not known; they stay while one follows them. */
export function useSuggested(first) {
  const desk = useDesk();
  const [people, setPeople] = useState(null);
  useEffect(() => {
    if (!desk.isSignedIn) return undefined;
    let isWanted = true;
    const load = () => patiently(() => desk.api.ask(WHO_TO_FOLLOW, { first }), () => isWanted);
    desk.settled().then(load).then((answer) => {
      if (!isWanted) return;
      const found = answer.viewer?.whoToFollow ?? [];
      found.forEach((person) => desk.people.take(person));
      setPeople(found);
    }, () => isWanted && setPeople([]));
    return () => (isWanted = false);
  }, [desk]);
  return people;
}
