// Gives GraphiQL the sign-in of Rookery's page, which all tabs of the browser share.
import { post } from '/web/current/api/http.js';
import { Session } from '/web/current/api/session.js';

const session = new Session(post);
globalThis.rookery = {
  handle: () => session.handle,
  watch: (watcher) => session.cell.watch(() => watcher(session.handle)),
  async headers() {
    const token = await session.token();
    return token ? { authorization: `Bearer ${token}` } : {};
  },
};
