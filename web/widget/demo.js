// What somebody else's page does with the widget: one script tag with a token. Here the person who is signed in makes that
// token: it reads notifications, on pages of one origin, and nothing else.
import { Api, post } from '/web/current/api/http.js';
import { Session } from '/web/current/api/session.js';

const CREATE_TOKEN = `mutation CreateToken($input: CreateAccessTokenInput!) {
  createAccessToken(input: $input) { accessToken { origin } secret userErrors { code message field } }
}`;

const session = new Session(post);
const api = new Api(session);
const form = document.querySelector('form');
const state = document.querySelector('[data-state]');
document.querySelector('[data-server]').textContent = location.origin;

document.addEventListener('rookery-token-expired', () => {
  state.textContent = 'The token is over: it was revoked, has run out, or belongs to another page.';
});
document.addEventListener('rookery-unread', ({ detail }) => {
  state.textContent = `Live, as @${session.handle}: ${detail} unread.`;
});

form.elements.origin.value = location.origin;
form.elements.username.value = session.handle ?? '';
form.hidden = !session.handle;
if (session.handle) state.textContent = `You are @${session.handle}. Make a token, and the bell above is yours.`;

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { origin, password } = Object.fromEntries(new FormData(form));
  const input = { name: `Bell on ${origin}`.slice(0, 50), scopes: ['READ_NOTIFICATIONS'], origin, password };
  try {
    const { secret, accessToken } = await api.act(CREATE_TOKEN, { input });
    form.reset();
    form.hidden = true;
    document.querySelector('[data-token]').textContent = secret;
    state.textContent = `The tag above is for pages of ${accessToken.origin}. Keep it: nobody sees the token again.`;
    if (accessToken.origin === location.origin) ring(secret);
  } catch (error) {
    state.textContent = error.message;
  }
});

function ring(token) {
  const script = document.createElement('script');
  script.dataset.token = token;
  script.dataset.target = '#bell';
  script.src = '/widget.js';
  document.head.append(script);
}
