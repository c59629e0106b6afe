// Plays a store of a timeline random schedules of answers, events, failures and acts, and compares it with the server's.
import { RookeryError } from './node_modules/rookery-client/dist/index.js';
import { Overlays } from './node_modules/rookery-client/dist/stores/overlays.js';
import { Timeline } from './node_modules/rookery-client/dist/stores/timeline.js';

const STEPS = 80;
const [FEW, ALL] = [30, 1_000_000];
// Time passes by turns of the event loop alone.
globalThis.setTimeout = (act) => setImmediate(act);
const turn = () => new Promise((resolve) => setImmediate(resolve));

function chanceOf(seed) {
  let state = seed * 2_654_435_761 + 1;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    below: (bound) => Math.floor(next() * bound),
    of: (some) => some[Math.floor(next() * some.length)],
  };
}

const edgeOf = (item) => ({
  cursor: String(item),
  reason: 'FOLLOWING',
  node: { __typename: 'Tweet', id: String(item), text: '', createdAt: new Date(1_700_000_000_000 + item).toISOString() },
});

/** Items are numbers, the greater the newer. `hidden` ones are in the timeline of others. */
class Server {
  visible = new Set();
  hidden = new Set();
  log = [];
  epoch = 1;
  now = 1_000_000;
  requests = [];
  streams = new Set();

  constructor(chance, mostLookedAt) {
    Object.assign(this, { chance, mostLookedAt });
  }

  get shown() {
    return [...this.visible].sort((one, other) => other - one).map(String);
  }

  get head() {
    return `${this.epoch}:${this.log.length}`;
  }

  page(first, after) {
    return new Promise((resolve, reject) => {
      const request = { serve: () => (request.answer ??= this.#pageOf(first, after)) };
      const leave = () => this.requests.splice(this.requests.indexOf(request), 1);
      request.arrive = () => (leave(), resolve(request.serve()));
      request.fail = () => (leave(), reject(new RookeryError('NETWORK', 'lost')));
      this.requests.push(request);
    });
  }

  follow(after, next, failed) {
    const [epoch, offset] = after().split(':').map(Number);
    const stream = { epoch, offset, next, failed };
    this.streams.add(stream);
    return () => this.streams.delete(stream);
  }

  post() {
    this.now += 2 + this.chance.below(2_000);
    this.add(this.now);
    return this.now;
  }

  add(item) {
    this.hidden.delete(item);
    if (this.visible.has(item)) return;
    this.visible.add(item);
    this.log.push(['add', item]);
  }

  remove(item) {
    this.visible.delete(item);
    this.log.push(['del', item]);
    if (this.chance.next() < 0.5) this.hidden.add(item);
  }

  bringBack() {
    for (const item of this.hidden) this.visible.add(item);
    this.hidden.clear();
    this.log.push(['reset', 0]);
  }

  loseLog() {
    this.epoch += 1;
    this.log = [];
  }

  /** Sends the next event that the viewer may see; false where there is none. */
  tell(stream) {
    for (;;) {
      const event = this.#next(stream);
      if (event === null) return false;
      if (event === 'hidden') continue;
      stream.next(event);
      return true;
    }
  }

  #next(stream) {
    if (stream.epoch !== this.epoch || stream.offset > this.log.length) {
      Object.assign(stream, { epoch: this.epoch, offset: this.log.length });
      return { __typename: 'TimelineReset', cursor: this.head };
    }
    if (stream.offset === this.log.length) return null;
    const [kind, item] = this.log[stream.offset];
    stream.offset += 1;
    const cursor = `${stream.epoch}:${stream.offset}`;
    if (kind === 'reset') return { __typename: 'TimelineReset', cursor };
    if (kind === 'del') return { __typename: 'TimelineItemRemoved', cursor, nodeId: String(item) };
    return this.visible.has(item) ? { __typename: 'TimelineItemAdded', cursor, edge: edgeOf(item) } : 'hidden';
  }

  #pageOf(first, after) {
    const below = after === null ? Infinity : Number(after);
    const all = [...this.visible, ...this.hidden].sort((one, other) => other - one).filter((item) => item < below);
    const lookedAt = all.slice(0, this.mostLookedAt);
    const found = lookedAt.filter((item) => this.visible.has(item));
    const kept = found.slice(0, first);
    const isEnd = found.length > first || lookedAt.length === all.length;
    const end = (isEnd && kept.at(-1)) || lookedAt.at(-1) || after;
    const pageInfo = { hasNextPage: found.length > first || !isEnd, endCursor: end === null ? null : String(end) };
    return { state: 'READY', headCursor: this.head, edges: kept.map(edgeOf), pageInfo };
  }
}

async function play(seed) {
  const chance = chanceOf(seed);
  const server = new Server(chance, chance.of([FEW, ALL]));
  for (let left = chance.of([3, 25, 60]); left; left -= 1) server.post();
  const hidden = chance.of([0, 0.3]);
  for (const item of [...server.visible]) if (chance.next() < hidden) server.remove(item);
  server.log = [];
  const timeline = new Timeline(server, new Overlays());
  const stop = timeline.subscribe(() => {});
  const view = () => timeline.get().edges.map(({ node }) => node.id);
  const oneOf = (some) => (some.length ? chance.of(some) : undefined);
  const acts = [
    [6, () => server.post()],
    [4, () => server.add(Math.min(Math.max(near() + chance.below(1_001) - 500, 1), server.now))],
    [5, () => removable() && server.remove(removable())],
    [0.3, () => server.bringBack()],
    [0.3, () => server.loseLog()],
    [5, () => oneOf(server.requests)?.serve()],
    [6, () => oneOf(server.requests)?.arrive()],
    [1, () => oneOf(server.requests)?.fail()],
    [14, () => tellSome()],
    [0.5, () => oneOf([...server.streams])?.failed(new RookeryError('INTERNAL', 'no'))],
    [3, () => void timeline.more().catch(() => {})],
  ];
  const near = () => Number(chance.of([view().at(-1), oneOf(view()), server.now - 60_000]) ?? server.now);
  const removable = () => Number(view().findLast((id) => server.visible.has(Number(id))) ?? server.shown.at(-1) ?? 0);
  const tellSome = () => {
    const stream = oneOf([...server.streams]);
    for (let left = chance.of([1, 1, 3, 9]); stream && left && server.streams.has(stream); left -= 1) server.tell(stream);
  };
  const total = acts.reduce((sum, [weight]) => sum + weight, 0);
  const calm = async () => {
    for (let left = 500; left; left -= 1) {
      await turn();
      const requests = [...server.requests];
      for (const request of requests) request.arrive();
      const told = [...server.streams].filter((stream) => server.tell(stream));
      if (server.streams.size && !requests.length && !told.length) return;
    }
    throw new Error('it does not come to rest');
  };
  for (let step = 0; step < STEPS; step += 1) {
    let drawn = chance.next() * total;
    acts.find(([weight]) => (drawn -= weight) < 0)[1]();
    await turn();
    const ids = view().map(Number);
    same(ids, [...new Set(ids)].sort((one, other) => other - one), 'order');
  }
  await calm();
  if (server.mostLookedAt === ALL) same(view(), server.shown.slice(0, view().length), 'beginning');
  const newest = server.post();
  await calm();
  same(view()[0], String(newest), 'newest');
  while (timeline.get().hasMore) {
    void timeline.more();
    await calm();
  }
  same(view(), server.shown, 'all');
  stop();
}

function same(one, other, what) {
  if (JSON.stringify(one) !== JSON.stringify(other)) throw new Error(`${what}: ${one} instead of ${other}`);
}

const schedules = Number(process.argv[2]);
for (let seed = 0; seed < schedules; seed += 1) {
  await play(seed).catch((error) => {
    throw new Error(`schedule ${seed}: ${error.message}`);
  });
}
console.log(schedules);
