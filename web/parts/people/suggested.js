// Whom one may want to follow.
import { html } from '../html.js';
import { WHO_TO_FOLLOW } from '../../api/documents/account.js';
import { useEffect, useState } from '../../vendor/hooks.js';
import { patiently } from '../../store/healing.js';
import { words } from '../../words.js';
import { useDesk } from '../context.js';
import { PersonCard } from './person.js';

export function WhoToFollow({ first = 3 }) {
  const suggestions = useSuggested(first);
  if (!suggestions?.length) return null;
  return html`<section class="box" aria-labelledby="who-title">
    <h2 id="who-title">${words.side.whoToFollow}</h2>
    <${Suggestions} suggestions=${suggestions} />
  </section>`;
}

export function Suggestions({ suggestions }) {
  return suggestions.map(({ user, reason, mutualFollowCount }) => html`<${PersonCard} key=${user.id} person=${user} reason=${words.people.whySuggested[reason]?.(mutualFollowCount)} />`);
}

/** [{user, reason, mutualFollowCount}], or null as long as it is not known; all stay while one follows them. */
export function useSuggested(first) {
  const desk = useDesk();
  const [suggestions, setSuggestions] = useState(null);
  useEffect(() => {
    if (!desk.isSignedIn) return undefined;
    let isWanted = true;
    const load = () => patiently(() => desk.api.ask(WHO_TO_FOLLOW, { first }), () => isWanted);
    desk.settled().then(load).then((answer) => {
      if (!isWanted) return;
      const found = answer.viewer?.followSuggestions ?? [];
      found.forEach(({ user }) => desk.people.take(user));
      setSuggestions(found);
    }, () => isWanted && setSuggestions([]));
    return () => (isWanted = false);
  }, [desk]);
  return suggestions;
}
