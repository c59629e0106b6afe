// What somebody else's page does with the widget: one script tag, and a fresh token when the bell asks for it. This page
// is served by Rookery itself, so it takes the token of the person who is signed in here.
import { post } from '/web/current/api/http.js';
import { Session } from '/web/current/api/session.js';

const session = new Session(post);
document.querySelector('[data-server]').textContent = location.origin;

document.addEventListener('rookery-token-expired', async ({ target, detail: stale }) => {
  target.token = (await session.renew(stale)) ?? '';
});
document.addEventListener('rookery-unread', ({ detail }) => {
  document.querySelector('[data-state]').textContent = `Live, as @${session.handle}: ${detail} unread.`;
});

const token = await session.token().catch(() => null);
if (token) {
  const script = document.createElement('script');
  script.dataset.token = token;
  script.dataset.target = '#bell';
  script.src = '/widget.js';
  document.head.append(script);
}
