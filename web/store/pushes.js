// Pushes to this browser: turned on and off by who is signed in, and renewed at each start while they are on.
import { PUSH_KEY, SUBSCRIBE_TO_PUSH, UNSUBSCRIBE_FROM_PUSH } from '../api/documents/pushes.js';
import { isPushed, setPushed } from './device.js';

const WORKER = '/push.js';
let policy = null;
let last = Promise.resolve();

/** Whether the browser can at all; over plain HTTP from another machine it can't. */
export const canPush = () => 'serviceWorker' in navigator && 'PushManager' in globalThis && 'Notification' in globalThis;

export const isDenied = () => Notification.permission === 'denied';

/** Asks for the permission, which browsers allow after a click alone. Resolves to whether they are on. */
export async function turnOn(desk) {
  if ((await Notification.requestPermission()) !== 'granted') return false;
  await inTurn(() => subscribe(desk));
  setPushed(desk.handle);
  return true;
}

export async function turnOff(desk) {
  setPushed(null);
  await inTurn(() => unsubscribe(desk));
}

/** Subscribes again what the browser, its push service or the server has ended. Nobody waits for it. */
export async function renew(desk) {
  if (!canPush() || Notification.permission !== 'granted') return;
  try {
    await inTurn(() => isPushed(desk.handle) && subscribe(desk));
  } catch {
    // The next start tries again.
  }
}

/** One act after the other, so that what was chosen last stands. */
function inTurn(act) {
  const next = last.then(act);
  last = next.catch(() => {});
  return next;
}

async function subscribe(desk) {
  await navigator.serviceWorker.register(addressOf(WORKER));
  const { pushManager } = await navigator.serviceWorker.ready;
  const { pushServerKey: applicationServerKey } = await desk.api.ask(PUSH_KEY);
  const options = { userVisibleOnly: true, applicationServerKey };
  const made = await pushManager.subscribe(options).catch(async (error) => {
    if (error.name !== 'InvalidStateError') throw error;
    // It was made for another key of the server.
    await (await pushManager.getSubscription())?.unsubscribe();
    return pushManager.subscribe(options);
  });
  const { endpoint, keys } = made.toJSON();
  await desk.api.act(SUBSCRIBE_TO_PUSH, { input: { endpoint, p256dh: keys.p256dh, auth: keys.auth } });
}

async function unsubscribe(desk) {
  const registration = await navigator.serviceWorker.getRegistration(WORKER);
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
  await desk.api.act(UNSUBSCRIBE_FROM_PUSH, {});
}

/** The worker's address, by the one policy that the page's security policy allows. */
function addressOf(path) {
  if (!globalThis.trustedTypes) return path;
  policy ??= globalThis.trustedTypes.createPolicy('push-worker', {
    createScriptURL: (url) => {
      if (url !== WORKER) throw new TypeError(`${url} is no script of the page.`);
      return url;
    },
  });
  return policy.createScriptURL(path);
}
