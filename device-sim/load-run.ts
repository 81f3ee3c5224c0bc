import { ok, refused, type Result } from '../shared/result.ts';
import { topicOf } from '../shared/topics.ts';
import { inboundOf } from './device-inbound.ts';
import { latencyHistogram, type LatencyHistogram } from './latency-histogram.ts';
import { fleetDeviceId, fleetIndex, fleetPayload } from './load-fleet.ts';
import type { BrokerAddress, Clock, Connection, ConnectionWish } from './mqtt-connection.ts';

export interface LoadWish {
  readonly devices: number;
  readonly ratePerS: number;
  readonly seconds: number;
  readonly connections: number;
  readonly broker: BrokerAddress;
  readonly clock: Clock;
  readonly connect: (wish: ConnectionWish) => Connection;
  readonly onProgress: (text: string) => void;
  readonly onTrouble: (text: string) => void;
  /** Ends the run before its time. */
  readonly signal: AbortSignal;
}

export interface LoadSummary {
  readonly devices: number;
  readonly connections: number;
  readonly seconds: number;
  readonly sent: number;
  readonly acked: number;
  /** Not sent because too much was unacknowledged already: the rate was not reached. */
  readonly withheld: number;
  readonly sentPerS: number;
  readonly ackedPerS: number;
  /** From handing over to the server's own acknowledgement, which says that it is on disk. */
  readonly latencyMs: { p50: number | null; p99: number | null; max: number | null };
}

/** More than this unacknowledged and the sender would measure its own memory. */
const UNACKED_MAX = 50_000;
const TICK_MS = 20;
const PROGRESS_EVERY_MS = 1_000;
/** Of a broker that isn't there, nothing can be measured. */
const CONNECT_MS_MAX = 20_000;
/** How long the last acknowledgements may take. */
const DRAIN_MS_MAX = 10_000;

interface Load {
  readonly wish: LoadWish;
  readonly boot: string;
  readonly links: Connection[];
  readonly upLinks: Set<number>;
  /** By device and seq: when it was sent. */
  readonly unacked: Map<number, Map<number, number>>;
  readonly latency: LatencyHistogram;
  readonly nextSeq: Float64Array;
  sent: number;
  waiting: number;
  withheld: number;
  next: number;
}

/** Sends positions of many devices at one rate, and measures until each is durable. */
export async function runLoad(wish: LoadWish): Promise<Result<LoadSummary, string>> {
  const load: Load = {
    wish,
    boot: `load-${wish.clock.nowMs().toString(36)}`,
    links: [],
    upLinks: new Set(),
    unacked: new Map(),
    latency: latencyHistogram(),
    nextSeq: new Float64Array(wish.devices),
    sent: 0,
    waiting: 0,
    withheld: 0,
    next: 0,
  };
  await linksUp(load);
  if (load.upLinks.size < wish.connections && !wish.signal.aborted) {
    await Promise.all(load.links.map((link) => link.close()));
    return refused(`only ${load.upLinks.size} of ${wish.connections} connections came up`);
  }
  const startMs = wish.clock.nowMs();
  await sendFor(load, startMs);
  const sentForS = (wish.clock.nowMs() - startMs) / 1_000;
  await drained(load);
  await Promise.all(load.links.map((link) => link.close()));
  return ok(summaryOf(load, sentForS));
}

function linksUp(load: Load): Promise<void> {
  const { clock, signal } = load.wish;
  return new Promise((resolve) => {
    const cancel = clock.at(clock.nowMs() + CONNECT_MS_MAX, resolve);
    const done = (): void => {
      cancel();
      resolve();
    };
    signal.addEventListener('abort', done, { once: true });
    openLinks(load, done);
  });
}

/** Device i belongs to connection i mod C. */
function openLinks(load: Load, onAllUp: () => void): void {
  const { wish } = load;
  for (let link = 0; link < wish.connections; link++) {
    const topics: string[] = [];
    for (let index = link; index < wish.devices; index += wish.connections) {
      topics.push(topicOf(fleetDeviceId(index), 'ack'));
    }
    load.links[link] = wish.connect({
      broker: wish.broker,
      clientId: `${load.boot}-${link}`,
      clean: true,
      topics,
      onUp() {
        load.upLinks.add(link);
        if (load.upLinks.size === wish.connections) onAllUp();
      },
      onDown: () => load.upLinks.delete(link),
      onMessage: (topic, payload) => acknowledge(load, topic, payload),
      onTrouble: (reason) => wish.onTrouble(reason),
    });
  }
}

function acknowledge(load: Load, topic: string, payload: string): void {
  const index = fleetIndex(topic.split('/')[2] ?? '');
  const pending = index === null ? undefined : load.unacked.get(index);
  const inbound = inboundOf(topic, payload);
  if (pending === undefined || inbound?.type !== 'ack') return;
  const { ack } = inbound;
  if (ack.boot != null && ack.boot !== load.boot) return;
  const seqs = 'seqs' in ack ? ack.seqs : [...pending.keys()].filter((seq) => seq <= ack.upTo);
  const nowMs = load.wish.clock.nowMs();
  for (const seq of seqs) {
    const sentMs = pending.get(seq);
    if (sentMs === undefined) continue;
    pending.delete(seq);
    load.waiting -= 1;
    load.latency.add(nowMs - sentMs);
  }
}

function sendFor(load: Load, startMs: number): Promise<void> {
  const { clock, ratePerS, seconds, signal } = load.wish;
  const endMs = startMs + seconds * 1_000;
  let toldMs = startMs;
  return new Promise((resolve) => {
    const tick = (): void => {
      const nowMs = clock.nowMs();
      const wanted = Math.floor((Math.min(nowMs, endMs) - startMs) * (ratePerS / 1_000));
      while (load.sent + load.withheld < wanted) sendNext(load, nowMs);
      if (nowMs - toldMs >= PROGRESS_EVERY_MS) {
        toldMs = nowMs;
        load.wish.onProgress(progressOf(load));
      }
      if (nowMs >= endMs || signal.aborted) resolve();
      else clock.at(nowMs + TICK_MS, tick);
    };
    tick();
  });
}

function sendNext(load: Load, nowMs: number): void {
  const index = load.next;
  load.next = (index + 1) % load.wish.devices;
  const link = load.links[index % load.wish.connections]!;
  const seq = load.nextSeq[index]!;
  const topic = topicOf(fleetDeviceId(index), 'position');
  const payload = fleetPayload(index, seq, load.boot, nowMs);
  const handedOver = load.waiting < UNACKED_MAX && link.publish({ topic, payload, retain: false });
  if (!handedOver) {
    load.withheld += 1;
    return;
  }
  load.nextSeq[index] = seq + 1;
  load.sent += 1;
  load.waiting += 1;
  const pending = load.unacked.get(index) ?? new Map<number, number>();
  load.unacked.set(index, pending.set(seq, nowMs));
}

function drained(load: Load): Promise<void> {
  const { clock, signal } = load.wish;
  const endMs = clock.nowMs() + DRAIN_MS_MAX;
  return new Promise((resolve) => {
    const look = (): void => {
      const over = load.waiting === 0 || clock.nowMs() >= endMs || signal.aborted;
      if (over) resolve();
      else clock.at(clock.nowMs() + TICK_MS, look);
    };
    look();
  });
}

function progressOf({ sent, latency, waiting, withheld }: Load): string {
  const quantile = (share: number): string => `${latency.quantileMs(share) ?? '–'} ms`;
  const counts = `sent ${sent}, acked ${latency.count()}, waiting ${waiting}, withheld ${withheld}`;
  return `${counts}, p50 ${quantile(0.5)}, p99 ${quantile(0.99)}`;
}

function summaryOf(load: Load, sentForS: number): LoadSummary {
  const { wish, sent, withheld, latency } = load;
  const perS = (count: number): number => Math.round(count / Math.max(sentForS, TICK_MS / 1_000));
  return {
    devices: wish.devices,
    connections: wish.connections,
    seconds: Math.round(sentForS * 10) / 10,
    sent,
    acked: latency.count(),
    withheld,
    sentPerS: perS(sent),
    ackedPerS: perS(latency.count()),
    latencyMs: {
      p50: latency.quantileMs(0.5),
      p99: latency.quantileMs(0.99),
      max: latency.maxMs(),
    },
  };
}
