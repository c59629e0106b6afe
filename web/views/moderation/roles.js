// Roles: an admin makes somebody a moderator or an admin, or takes that back.
import { html } from '../../parts/html.js';
import { Refusal } from '../../api/errors.js';
import { ID_OF, SET_ROLE } from '../../api/documents/moderation.js';
import { useDesk } from '../../parts/context.js';
import { Field, useForm } from '../../parts/form.js';
import { moderationWords } from '../../words/moderation.js';

const { roles: own } = moderationWords;

export function Roles() {
  const desk = useDesk();
  const form = useForm(async ({ handle, role }, element) => {
    const { user } = await desk.api.ask(ID_OF, { handle });
    if (!user) throw new Refusal([{ field: ['handle'], code: 'NOT_FOUND', message: own.nobody }]);
    await desk.api.act(SET_ROLE, { id: user.id, role });
    desk.toasts.say(own.given(user.handle, own.names[role]));
    element.reset();
  });
  return html`<p class="calm">${own.lead}</p>
    <form class="form padded" aria-label=${own.title} onSubmit=${form.submit}>
      <div class="columns">
        <${Field} label=${own.handle} name="handle" required autocomplete="off" error=${form.errorOf('handle')} />
        <${Field} label=${own.role} name="role" type="select" error=${form.errorOf('role')}>
          ${Object.entries(own.names).map(([name, label]) => html`<option key=${name} value=${name}>${label}</option>`)}
        <//>
      </div>
      ${form.message && html`<p class="field-error" role="alert">${form.message}</p>`}
      <button type="submit" class="primary" disabled=${form.isBusy}>${own.give}</button>
    </form>`;
}
