// This browser as a device: its id is made once and kept, so that the server knows it again.
import { newKey } from './key.js';

const KEY = 'rookery.device';

export function thisDevice() {
  let id = localStorage.getItem(KEY);
  if (!id) {
    id = newKey();
    localStorage.setItem(KEY, id);
  }
  return { kind: 'WEB', id };
}

const PUSHED = 'rookery.push';

/** Whether this person turned pushes on here. Another who signs in in this browser has to choose by themselves. */
export const isPushed = (handle) => handle !== null && localStorage.getItem(PUSHED) === handle;

export function setPushed(handle) {
  if (handle === null) localStorage.removeItem(PUSHED);
  else localStorage.setItem(PUSHED, handle);
}
