// Service worker: shows what the server pushes while no page is open, and opens what it is about. It serves no files.
const ICON = '/icon.png';

self.addEventListener('push', (event) => event.waitUntil(show(messageOf(event.data))));
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.path));
});

/** A push of the same tag takes the place of the one before, without another sound. */
async function show({ title, body, path, tag }) {
  await self.registration.showNotification(title ?? 'Rookery', {
    body: body ?? '', tag: tag ?? 'rookery', icon: ICON, badge: ICON, data: { path: path ?? '/notifications' },
  });
}

/** Browsers demand that something is shown for each push, also for one that can't be read. */
function messageOf(data) {
  try {
    return data?.json() ?? {};
  } catch {
    return {};
  }
}

async function open(path) {
  const url = new URL(path ?? '/', self.location.origin);
  if (url.origin !== self.location.origin) return;
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const page = pages.find(({ visibilityState }) => visibilityState === 'visible') ?? pages[0];
  if (!page) {
    await self.clients.openWindow(url.href);
    return;
  }
  page.postMessage({ open: url.pathname });
  await page.focus();
}
