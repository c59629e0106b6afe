// Where the page begins: the sign-in of this browser, a desk for who is signed in, and the frame around it.
import { html } from './parts/html.js';
import { render } from './vendor/preact.js';
import { post } from './api/http.js';
import { Session } from './api/session.js';
import { App } from './parts/frame/app.js';
import { Router } from './router.js';
import { Cell } from './store/cell.js';
import { Desk } from './store/desk.js';
import { startTheme } from './store/theme.js';

startTheme();
const session = new Session(post);
const router = new Router();
const deskCell = new Cell(new Desk(session));
deskCell.value.start();

// Somebody signed in or out, here or in another tab.
session.cell.watch(() => {
  const before = deskCell.value;
  if (session.handle === before.handle) return;
  before.close();
  router.forget();
  deskCell.set(new Desk(session));
  deskCell.value.start();
});

// A notification was clicked that the service worker showed.
navigator.serviceWorker?.addEventListener('message', ({ data }) => data?.open && router.go(data.open));

const root = document.getElementById('rookery');
root.textContent = '';
render(html`<${App} deskCell=${deskCell} router=${router} session=${session} />`, root);
