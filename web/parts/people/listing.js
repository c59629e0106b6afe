// The choice of a list of one's own for somebody.
import { html } from '../html.js';
import { ADD_TO_LIST, LISTS } from '../../api/documents/listed.js';
import { useEffect, useState } from '../../vendor/hooks.js';
import { listedWords } from '../../words/listed.js';
import { usePage } from '../context.js';
import { Dialog } from '../dialog.js';
import { Skeleton } from '../states.js';

export function ListChoice({ person, onClose }) {
  const { desk } = usePage();
  const [lists, setLists] = useState(null);
  useEffect(() => {
    desk.api.ask(LISTS, { after: null }).then(({ viewer }) => setLists(viewer.lists.edges.map(({ node }) => node)), (error) => {
      desk.toasts.failed(error);
      onClose();
    });
  }, [desk]);
  const add = async (list) => {
    onClose();
    try {
      await desk.api.act(ADD_TO_LIST, { id: list.id, userId: person.id });
      desk.toasts.say(listedWords.added(person.handle, list.name));
    } catch (error) {
      desk.toasts.failed(error);
    }
  };
  return html`<${Dialog} title=${listedWords.choose(person.handle)} onClose=${onClose} className="small">
    ${!lists && html`<${Skeleton} rows=${2} />`}
    ${lists?.map((list) => html`<p key=${list.id}><button type="button" dir="auto" onClick=${() => add(list)}>${list.name}</button></p>`)}
    ${lists && !lists.length && html`<p>${listedWords.empty.text}</p>`}
    <footer class="buttons"><a class="button" href="/lists">${listedWords.title}</a></footer>
  <//>`;
}
