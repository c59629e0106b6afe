// The home timeline in both orders: read page by page, and followed live from its first page on.
import { HOME, HOME_EVENTS, SET_READ } from '../api/documents/timelines.js';
import { Cell } from '../store/cell.js';
import { Pages } from '../store/pages.js';
import { takeItem } from '../store/records.js';

const AT_TOP = 80;

export class HomeFeed {
  #cursor = null;
  #stop = null;

  constructor(desk) {
    this.desk = desk;
    this.latest = this.#pages('LATEST');
    this.top = this.#pages('TOP');
    /** Edges that came in live and wait to be shown; `isStale` where the whole list is to be read anew. */
    this.waiting = new Cell({ edges: [], isStale: false });
    this.state = new Cell('READY');
  }

  start() {
    this.latest.start();
  }

  /** Shows what waits. */
  async show() {
    const { edges, isStale } = this.waiting.value;
    this.waiting.set({ edges: [], isStale: false });
    if (isStale) await this.#renew();
    else this.latest.prepend(edges);
    this.#tellRead();
  }

  stop() {
    this.#stop?.();
    this.#stop = null;
  }

  /** Puts an item of one's own on top, ahead of its event. */
  add(edge) {
    this.latest.prepend([edge]);
  }

  remove(nodeId) {
    const keeps = ({ node }) => node.id !== nodeId && node.tweet?.id !== nodeId;
    this.latest.filter(keeps);
    this.top.filter(keeps);
    this.waiting.merge({ edges: this.waiting.value.edges.filter(keeps) });
  }

  #pages(mode) {
    return new Pages({
      load: async (after) => {
        const { homeTimeline } = await this.desk.api.ask(HOME, { after, mode, explained: mode === 'TOP' });
        if (mode === 'LATEST' && after === null) {
          this.#cursor = homeTimeline.headCursor;
          this.state.set(homeTimeline.state);
          this.waiting.set({ edges: [], isStale: false });
          // Once the page is in its place.
          setTimeout(() => this.#begin());
        }
        return homeTimeline;
      },
      take: (edge) => takeItem(this.desk, edge),
    });
  }

  #begin() {
    this.stop();
    this.#tellRead();
    this.#stop = this.desk.socket.follow(
      HOME_EVENTS,
      () => ({ after: this.#cursor }),
      ({ homeTimelineEvents: event }) => this.#happened(event),
      () => this.#startAnew(),
    );
  }

  #happened(event) {
    this.#cursor = event.cursor;
    if (event.__typename === 'TimelineItemAdded') this.#added(event.edge);
    else if (event.__typename === 'TimelineItemRemoved') this.remove(event.nodeId);
    else this.#startAnew();
  }

  #added(edge) {
    const shown = this.latest.cell.value.edges;
    const waiting = this.waiting.value.edges;
    if ([...shown, ...waiting].some(({ node }) => node.id === edge.node.id)) return;
    takeItem(this.desk, edge);
    if (edge.reason === 'SELF') this.latest.prepend([edge]);
    else this.waiting.merge({ edges: [edge, ...waiting] });
  }

  // What was missed is no longer kept. Who looks at the top sees the new page at once, others when they ask for it.
  #startAnew() {
    this.stop();
    if (scrollY < AT_TOP) this.#renew();
    else this.waiting.merge({ isStale: true });
  }

  async #renew() {
    this.stop();
    const isRenewed = await this.latest.renew();
    if (!isRenewed) this.waiting.set({ edges: [], isStale: true });
    if (this.top.cell.value.state !== 'idle') this.top.renew();
  }

  // How far one has read, for one's other devices.
  #tellRead() {
    const cursor = this.latest.cell.value.edges.find((edge) => edge.cursor)?.cursor;
    if (cursor) this.desk.api.act(SET_READ, { cursor }).catch(() => {});
  }
}
