// Somebody is muted or blocked, and their tweets leave home at once.

/** `mutation` is MUTE or BLOCK; `said(handle)` is told when it is done. */
export async function away(desk, person, mutation, said) {
  try {
    const { user } = await desk.api.act(mutation, { id: person.id });
    desk.people.refresh(user);
    const keeps = ({ node }) => (node.tweet ?? node).author.id !== person.id && node.user?.id !== person.id;
    desk.home.latest.filter(keeps);
    desk.home.top.filter(keeps);
    desk.toasts.say(said(person.handle));
  } catch (error) {
    desk.toasts.failed(error);
  }
}
