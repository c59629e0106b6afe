// The state of the connection, while it is not what it should be, and for a moment when it is again.
import { html } from '../html.js';
import { useEffect, useRef, useState } from '../../vendor/hooks.js';
import { useCell } from '../../store/cell.js';
import { words } from '../../words.js';
import { useDesk } from '../context.js';

const LATE_MS = 1_200;
const SHOWN_MS = 3_000;

export function Notice() {
  const desk = useDesk();
  const status = useCell(desk.socket.status);
  const isOnline = useOnline();
  const [shown, show] = useState(null);
  const wasLost = useRef(false);

  useEffect(() => {
    if (!isOnline || status === 'lost' || status === 'crowded') {
      const timer = setTimeout(() => {
        wasLost.current = true;
        show(isOnline ? status : 'offline');
      }, isOnline ? LATE_MS : 0);
      return () => clearTimeout(timer);
    }
    if (status !== 'live' || !wasLost.current) return undefined;
    wasLost.current = false;
    show('back');
    const timer = setTimeout(() => show(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [status, isOnline]);

  return html`<div class="notice-place" role="status">
    ${shown && html`<p class=${`notice ${shown}`}><i aria-hidden="true" />${words.notice[shown]}</p>`}
  </div>`;
}

function useOnline() {
  const [isOnline, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const changed = () => setOnline(navigator.onLine);
    addEventListener('online', changed);
    addEventListener('offline', changed);
    return () => {
      removeEventListener('online', changed);
      removeEventListener('offline', changed);
    };
  }, []);
  return isOnline;
}
