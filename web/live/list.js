// The timeline of a list: read page by page, and followed live from its first page on.
import { LIST_EVENTS, LIST_TIMELINE } from '../api/documents/listed.js';
import { Cell } from '../store/cell.js';
import { connectionOf, Pages } from '../store/pages.js';
import { takeItem } from '../store/records.js';

export class ListFeed {
  #cursor = null;
  #stop = () => {};

  constructor(desk, id) {
    this.desk = desk;
    this.id = id;
    /** Edges that came in live and wait to be shown. */
    this.waiting = new Cell([]);
    this.pages = new Pages({ load: (after) => this.#load(after), take: (edge) => takeItem(desk, edge) });
  }

  /** Follows the list till the returned function is called. */
  watch() {
    if (this.#cursor) this.#begin();
    else this.pages.start();
    return () => this.#end();
  }

  show() {
    this.pages.prepend(this.waiting.value);
    this.waiting.set([]);
  }

  async #load(after) {
    const timeline = (await this.desk.api.ask(LIST_TIMELINE, { id: this.id, after })).list?.timeline;
    if (timeline && after === null) {
      this.#cursor = timeline.headCursor;
      this.waiting.set([]);
      // Once the page is in its place.
      setTimeout(() => this.#begin());
    }
    return connectionOf(timeline);
  }

  #begin() {
    this.#end();
    this.#stop = this.desk.socket.follow(
      LIST_EVENTS,
      () => ({ id: this.id, after: this.#cursor }),
      ({ listEvents: event }) => this.#happened(event),
      () => this.#end(),
    );
  }

  #end() {
    this.#stop();
    this.#stop = () => {};
  }

  #happened(event) {
    this.#cursor = event.cursor;
    if (event.__typename === 'TimelineItemAdded') this.#added(event.edge);
    else if (event.__typename === 'TimelineItemRemoved') this.#removed(event.nodeId);
    else {
      this.#end();
      this.pages.renew();
    }
  }

  #added(edge) {
    const known = [...this.pages.cell.value.edges, ...this.waiting.value];
    if (known.some(({ node }) => node.id === edge.node.id)) return;
    takeItem(this.desk, edge);
    this.waiting.set([edge, ...this.waiting.value]);
  }

  #removed(nodeId) {
    const keeps = ({ node }) => node.id !== nodeId;
    this.pages.filter(keeps);
    this.waiting.set(this.waiting.value.filter(keeps));
  }
}
