// A live bell of Rookery's notifications in anybody's page, by one script tag:
//
//   <script src="https://rookery.example/widget.js" data-token="a token" defer></script>
//
// The token has the scope READ_NOTIFICATIONS and is bound to the page's origin, which stands among the server's allowed origins. The bell
// stands where the tag stands, or in the element that data-target names. Its own `token` takes another one; the event
// `rookery-token-expired` says when that is needed, with the old one, `rookery-unread` tells each new count. It reads and changes nothing:
// notifications are marked as read at Rookery. A bell that gets nowhere says once in the console why. One file without imports, so that
// one tag is enough.
(() => {
  const script = document.currentScript;
  const server = new URL(script.src).origin;
  const TOLD = 'fragment Told on Tweet { id text contentWarning isSensitive media { altText variants { size url } } }';
  const LATEST = `query WidgetNotifications { notifications(first: 8) { unreadCount headCursor edges { node { ...Shown } } } }
    fragment Shown on Notification { id kind isAccepted actorCount isRead updatedAt actors { handle name } tweet { ...Told } }
    ${TOLD}`;
  const EVENTS = `subscription WidgetEvents($after: String) { notificationEvents(after: $after) {
      __typename ... on StreamEvent { cursor }
      ... on NotificationChanged { unreadCount notification { ...Shown } }
      ... on UnreadCountChanged { unreadCount } } }
    fragment Shown on Notification { id kind isAccepted actorCount isRead updatedAt actors { handle name } tweet { ...Told } }
    ${TOLD}`;
  const DID = {
    LIKE: 'liked your tweet', RETWEET: 'retweeted your tweet', QUOTE: 'quoted your tweet', REPLY: 'replied to you',
    MENTION: 'mentioned you', FOLLOW: 'followed you', ACCEPTED: 'accepted your request to follow them', FOLLOW_REQUEST: 'asked to follow you',
  };
  // What nobody did.
  const HAPPENED = { SECURITY: 'Something about the safety of your account changed', DECISION: 'Moderators decided about you or one of your tweets' };
  const PATHS = { SECURITY: '/settings/sessions', DECISION: '/settings/decisions' };
  const SHOWN = 8;
  const UNAUTHORIZED = [4401, 4403];
  const UNAUTHORIZED_CODES = ['UNAUTHENTICATED', 'FORBIDDEN'];
  const MOST_WAIT_MS = 10_000;
  const PING_MS = 12_000;
  const PATIENCE_MS = 3_000;
  const EDGE_PX = 8;
  const TOO_MANY = 4429;
  const STYLES = `
    :host { position: relative; display: inline-block; color-scheme: light dark; font: 15px/1.4 system-ui, sans-serif }
    :host([hidden]) { display: none }
    * { box-sizing: border-box }
    .bell { position: relative; display: grid; place-items: center; width: 44px; height: 44px; padding: 0; border: 1px solid #8886; border-radius: 50%;
      background: Canvas; color: CanvasText; cursor: pointer }
    .bell:hover { background: color-mix(in srgb, CanvasText 8%, Canvas) }
    :focus-visible { outline: 2.5px solid #4a5bd0; outline-offset: 2px }
    .bell[data-state="lost"], .bell[data-state="expired"] { opacity: .55 }
    .count { position: absolute; top: -4px; right: -6px; min-width: 20px; padding: 0 5px; border: 2px solid Canvas; border-radius: 99px;
      background: #c12a57; color: #fff; font-size: 12px; font-weight: 700; line-height: 18px; text-align: center }
    .count:empty { display: none }
    .list { position: absolute; z-index: 9999; top: calc(100% + 8px); right: 0; width: 320px; max-width: 90vw; max-height: 420px; overflow-y: auto; margin: 0;
      padding: 6px; border: 1px solid #8884; border-radius: 16px; background: Canvas; color: CanvasText; box-shadow: 0 12px 40px #0004; text-align: left }
    .list[hidden] { display: none }
    .list.up { top: auto; bottom: calc(100% + 8px) }
    .list a { display: block; padding: 9px 12px; border-radius: 11px; color: inherit; text-decoration: none }
    .list a:hover { background: color-mix(in srgb, CanvasText 8%, Canvas) }
    .list .unread { background: color-mix(in srgb, #4a5bd0 14%, Canvas) }
    .list small { display: block; overflow: hidden; opacity: .75; text-overflow: ellipsis; white-space: nowrap }
    .list img { float: right; width: 44px; height: 44px; margin-left: 8px; border-radius: 8px; background: #8883; object-fit: cover }
    .list a::after { content: ''; display: block; clear: both }
    .list p { margin: 0; padding: 18px; text-align: center }
    .list .all { font-weight: 700; text-align: center }`;

  class RookeryBell extends HTMLElement {
    #token = '';
    #items = [];
    #unread = 0;
    #cursor = null;
    #socket = null;
    #tries = 0;
    #timer = null;
    #beat = null;
    #said = new Set();

    constructor() {
      super();
      const root = this.attachShadow({ mode: 'open' });
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLES);
      root.adoptedStyleSheets = [sheet];
      root.append(this.#button(), this.#panel());
      this.addEventListener('keydown', (event) => event.key === 'Escape' && this.#open(false));
      document.addEventListener('pointerdown', (event) => event.composedPath().includes(this) || this.#open(false));
    }

    connectedCallback() {
      this.#begin();
    }

    disconnectedCallback() {
      this.#leave();
    }

    get token() {
      return this.#token;
    }

    set token(token) {
      this.#token = token;
      if (this.isConnected) this.#begin();
    }

    get unread() {
      return this.#unread;
    }

    // ---------------------------------------------------------------- what is there, and what happens

    async #begin() {
      this.#leave();
      const token = this.#token;
      if (!token) {
        this.#saySoon('it has no token: the page gives one by data-token or sets element.token');
        return;
      }
      try {
        const { notifications } = await this.#ask(LATEST);
        if (token !== this.#token) return;
        this.#items = notifications.edges.map(({ node }) => node);
        this.#cursor = notifications.headCursor;
        this.#tell(notifications.unreadCount);
        this.#listen();
      } catch (error) {
        // A token that ran out has its own state, and another one its own beginning.
        if (token !== this.#token) return;
        // The browser does not tell a page why a request failed.
        const reasons = `it is away, or its ROOKERY_ALLOWED_ORIGINS lacks ${location.origin}, or this page's policy forbids connect-src`;
        this.#say(error instanceof TypeError ? `no answer from ${server}: ${reasons}` : `${server} answers: ${error.message}`);
        this.#later();
      }
    }

    async #ask(query) {
      const answer = await fetch(`${server}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#token}` },
        body: JSON.stringify({ query }),
      });
      const { data, errors } = await answer.json();
      if (!errors) return data;
      if (errors.some(({ extensions }) => UNAUTHORIZED_CODES.includes(extensions?.code))) this.#expire();
      throw new Error(errors[0].message);
    }

    #listen() {
      const socket = new WebSocket(`${server.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
      this.#socket = socket;
      const send = (message) => socket.send(JSON.stringify(message));
      let isHeard = true;
      // Of a machine that slept or moved, a socket may only look open.
      this.#beat = setInterval(() => {
        if (!isHeard) this.#later();
        else if (socket.readyState === WebSocket.OPEN) send({ type: 'ping' });
        isHeard = false;
      }, PING_MS);
      socket.onopen = () => send({ type: 'connection_init', payload: { authorization: `Bearer ${this.#token}` } });
      socket.onmessage = ({ data }) => {
        const { type, payload } = JSON.parse(data);
        isHeard = true;
        if (type === 'connection_ack') {
          this.#show('live');
          send({ id: '1', type: 'subscribe', payload: { query: EVENTS, variables: { after: this.#cursor } } });
        } else if (type === 'ping') send({ type: 'pong' });
        else if (type === 'next') this.#happened(payload.data?.notificationEvents);
        else if (type === 'error') socket.close();
      };
      socket.onclose = ({ code }) => {
        if (socket !== this.#socket) return;
        if (UNAUTHORIZED.includes(code)) this.#expire();
        else {
          if (code === TOO_MANY) this.#say('its user has too many sockets open; it tries again');
          this.#later();
        }
      };
    }

    #happened(event) {
      if (!event) return;
      this.#tries = 0;
      this.#cursor = event.cursor;
      if (event.__typename === 'NotificationsReset') {
        this.#begin();
        return;
      }
      if (event.notification) {
        const others = this.#items.filter(({ id }) => id !== event.notification.id);
        this.#items = [event.notification, ...others].slice(0, SHOWN);
      }
      this.#tell(event.unreadCount);
    }

    #later() {
      this.#leave();
      this.#show('lost');
      const wait = Math.min(300 * 2 ** this.#tries, MOST_WAIT_MS);
      this.#tries += 1;
      this.#timer = setTimeout(() => (this.#cursor ? this.#listen() : this.#begin()), wait);
    }

    #expire() {
      const stale = this.#token;
      this.#leave();
      this.#token = '';
      this.#show('expired');
      this.#saySoon('its token has run out, is not valid or is bound to another origin: the page sets element.token when it hears rookery-token-expired');
      this.dispatchEvent(new CustomEvent('rookery-token-expired', { bubbles: true, composed: true, detail: stale }));
    }

    #say(reason) {
      if (!this.#said.has(reason)) globalThis.console.warn(`rookery-bell: ${reason}`);
      this.#said.add(reason);
    }

    /** Unless a token comes meanwhile. */
    #saySoon(reason) {
      this.#timer = setTimeout(() => this.#say(reason), PATIENCE_MS);
    }

    #leave() {
      clearTimeout(this.#timer);
      clearInterval(this.#beat);
      const socket = this.#socket;
      this.#socket = null;
      socket?.close(1000);
    }

    // ---------------------------------------------------------------- what it looks like

    #button() {
      const button = element('button', { type: 'button', className: 'bell' });
      button.setAttribute('aria-haspopup', 'true');
      button.setAttribute('aria-expanded', 'false');
      const drawing = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
      for (const [name, value] of Object.entries({
        viewBox: '0 0 24 24', width: 22, height: 22, fill: 'none', stroke: 'currentColor', 'stroke-width': 1.75,
        'stroke-linecap': 'round', 'stroke-linejoin': 'round', 'aria-hidden': true,
      })) drawing.setAttribute(name, value);
      const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
      path.setAttribute('d', 'M12 4a5.5 5.5 0 0 1 5.5 5.5c0 4 1.5 5.5 2 6.5h-15c.5-1 2-2.5 2-6.5A5.5 5.5 0 0 1 12 4zM10 19.2a2.1 2.1 0 0 0 4 0');
      drawing.append(path);
      this.count = element('span', { className: 'count' });
      this.count.setAttribute('aria-hidden', 'true');
      button.append(drawing, this.count);
      button.addEventListener('click', () => this.#open(this.list.hidden));
      this.bell = button;
      return button;
    }

    #panel() {
      this.list = element('div', { className: 'list', hidden: true });
      this.list.setAttribute('role', 'region');
      this.list.setAttribute('aria-label', 'Notifications of Rookery');
      return this.list;
    }

    #open(isWanted) {
      this.list.hidden = !isWanted;
      this.bell.setAttribute('aria-expanded', String(isWanted));
      if (isWanted) this.#place();
    }

    /** Below the bell and to its left; further right, or above, where the list would leave the window. */
    #place() {
      this.list.classList.remove('up');
      this.list.style.right = '0';
      const { left, bottom, height } = this.list.getBoundingClientRect();
      if (left < EDGE_PX) this.list.style.right = `${left - EDGE_PX}px`;
      this.list.classList.toggle('up', bottom > innerHeight && this.bell.getBoundingClientRect().top > height + EDGE_PX);
    }

    #show(state) {
      this.bell.dataset.state = state;
      this.bell.setAttribute('aria-label', state === 'expired' ? 'Notifications: sign in again' : `Notifications, ${this.#unread} unread`);
    }

    #tell(unread) {
      this.#unread = unread;
      this.count.textContent = unread >= 100 ? '99+' : unread || '';
      this.#show(this.bell.dataset.state ?? 'live');
      const rows = this.#items.length ? this.#items.map(row) : [element('p', { textContent: 'Nothing yet.' })];
      this.list.replaceChildren(...rows, opening('/notifications', { className: 'all', textContent: 'All notifications' }));
      this.dispatchEvent(new CustomEvent('rookery-unread', { bubbles: true, composed: true, detail: unread }));
    }
  }

  function row({ kind, isAccepted, actors, actorCount, isRead, tweet }) {
    const path = tweet ? `/tweets/${encodeURIComponent(tweet.id)}` : PATHS[kind] ?? '/notifications';
    const link = opening(path, { className: isRead ? '' : 'unread' });
    const others = actorCount > 1 ? ` and ${actorCount - 1} more` : '';
    if (HAPPENED[kind]) link.append(HAPPENED[kind]);
    else link.append(element('b', { textContent: actors[0]?.name ?? 'Somebody' }), `${others} ${DID[isAccepted ? 'ACCEPTED' : kind] ?? ''}`);
    if (tweet) link.append(element('small', { textContent: briefly(tweet) }));
    const picture = tweet && thumbnail(tweet);
    if (picture) link.prepend(picture);
    return link;
  }

  /** A tweet in one line: its warning, its text, or what its pictures show. */
  function briefly({ contentWarning, text, media }) {
    if (contentWarning) return `Content warning: ${contentWarning}`;
    return text || media.map(({ altText }) => altText).filter(Boolean).join(' · ') || (media.length > 1 ? `${media.length} pictures` : 'A picture');
  }

  /** The first picture of a tweet that hides none; it goes where the page around the bell lets no picture in. */
  function thumbnail({ contentWarning, isSensitive, media: [first] }) {
    const url = first?.variants.find(({ size }) => size === 'THUMBNAIL')?.url;
    if (!url || contentWarning || isSensitive) return null;
    const picture = element('img', { src: url, alt: '', loading: 'lazy', decoding: 'async' });
    picture.addEventListener('error', () => picture.remove());
    return picture;
  }

  function opening(path, properties) {
    return element('a', { href: server + path, target: '_blank', rel: 'noopener', ...properties });
  }

  function element(name, properties) {
    return Object.assign(document.createElement(name), properties);
  }

  customElements.get('rookery-bell') ?? customElements.define('rookery-bell', RookeryBell);
  const bell = document.createElement('rookery-bell');
  bell.token = script.dataset.token ?? '';
  const place = script.dataset.target && document.querySelector(script.dataset.target);
  if (place) place.append(bell);
  else script.after(bell);
})();
