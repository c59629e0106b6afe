// What every part of the page may use without being handed it: the desk of who is signed in, and the router.
import { createContext } from '../vendor/preact.js';
import { useContext, useEffect, useMemo } from '../vendor/hooks.js';
import { useCell } from '../store/cell.js';
import { words } from '../words.js';

export const Page = createContext(null);

/** {desk, router, session} */
export function usePage() {
  return useContext(Page);
}

export function useDesk() {
  return usePage().desk;
}

/** A list that is still there when somebody comes back to this place. */
export function useKept(name, make, inputs = []) {
  const { router } = usePage();
  return useMemo(() => router.kept(name, make), [router.cell.value.key, name, ...inputs]);
}

export function usePages(name, make) {
  const pages = useKept(name, make);
  useEffect(() => pages.start(), [pages]);
  return pages;
}

/** The newest of a record, which may be known from elsewhere. */
export function useRecord(records, record) {
  return useCell(records.cell(record.id)) ?? null;
}

/** Where GraphiQL is; null on a server that has none. */
export function graphiqlAddress() {
  return document.querySelector('meta[name=graphiql]')?.content ?? null;
}

/** Whether the server sends mails. */
export function hasMail() {
  return document.querySelector('meta[name=mail]') !== null;
}

/** The token of a mail's link, which no longer stands in the address then; '' where there is none. */
export function takeToken() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? '';
  if (token) history.replaceState(history.state, '', location.pathname + location.search);
  return token;
}

/** The title of the window: how many notifications are unread, and the view. */
export function useTitle(view) {
  const unread = useCell(useDesk().notifications.unread);
  useEffect(() => {
    document.title = words.title(view, unread);
  }, [view, unread]);
}
