// When something happened, in a few characters; the whole instant is its title.
import { html } from './html.js';
import { useCell, Cell } from '../store/cell.js';
import { words } from '../words.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const clock = new Cell(Date.now());
setInterval(() => clock.set(Date.now()), MINUTE_MS / 2);

const whole = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeStyle: 'short' });
const day = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric' });
const dayAndYear = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', year: 'numeric' });

export function Moment({ at }) {
  const now = useCell(clock);
  return html`<time datetime=${at} title=${whole.format(new Date(at))}>${ago(at, now)}</time>`;
}

export function WholeMoment({ at }) {
  return html`<time datetime=${at}>${whole.format(new Date(at))}</time>`;
}

export function ago(at, now = Date.now()) {
  const passed = Math.max(now - Date.parse(at), 0);
  if (passed < MINUTE_MS) return words.time.now;
  if (passed < HOUR_MS) return words.time.minutes(Math.floor(passed / MINUTE_MS));
  if (passed < DAY_MS) return words.time.hours(Math.floor(passed / HOUR_MS));
  const date = new Date(at);
  return (date.getFullYear() === new Date(now).getFullYear() ? day : dayAndYear).format(date);
}

export function wholeDay(at) {
  return dayAndYear.format(new Date(at));
}

export function monthAndYear(at) {
  return new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric' }).format(new Date(at));
}

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** 12.3K for 12,345. */
export function short(count) {
  return compact.format(count);
}
