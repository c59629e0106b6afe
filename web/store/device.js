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
