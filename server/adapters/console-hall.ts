import type { RawData, WebSocket } from 'ws';
import { HEARTBEAT_EVERY_MS } from '../../shared/console-message.ts';
import { toInstant } from '../../shared/instant.ts';
import type { Clock, Desk, FeedItem, Log, Meter, Store, StoredSession } from '../ports.ts';
import { doRequest, readMessage, resultText, type Resume } from './console-inbound.ts';
import { CLOSE, type Link, openLink, PINGS_UNANSWERED_MAX } from './console-link.ts';
import { consolePositions } from './console-positions.ts';
import type { SessionBook } from './http-session-book.ts';

/** How long a fresh console may take to say that it has been here before. */
export const RESUME_GRACE_MS = 400;
/** Positions are at most this old on the screen, beside the age that they say themselves. */
export const POSITIONS_EVERY_MS = 1_000;
/** Beyond this a snapshot is the shorter way to the present. */
export const RESUMED_ALERTS_MAX = 2_000;
/** Requests of one console that may wait for the desk at once; a person makes one. */
export const REQUESTS_AT_ONCE_MAX = 32;
/** After a farewell a socket gets this long to end by itself. */
const FAREWELL_MS = 5_000;

export interface HallParts {
  readonly desk: Desk;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly book: SessionBook;
}

/** All connected consoles: each sees every alert once and in order, or is told to start over. */
export interface ConsoleHall {
  enter(socket: WebSocket, session: StoredSession): void;
  count(): number;
  close(): void;
}

const frameOf = (message: object): Buffer => Buffer.from(JSON.stringify(message));
const alertFrame = ({ seq, alert }: FeedItem): Buffer => frameOf({ type: 'alert', seq, alert });
const NOTHING_SHOWN = JSON.stringify({ type: 'positions', features: [], bans: [] });

export function consoleHall(parts: HallParts): ConsoleHall {
  const { desk, clock, log, meter, book } = parts;
  const { feed } = desk;
  const links = new Set<Link>();
  const positions = consolePositions(parts);
  /** Made once per sequence number, however many consoles come back at once. */
  let snapshot: { seq: number; frame: Buffer } | null = null;

  function enter(socket: WebSocket, session: StoredSession): void {
    const link = openLink(socket, session, NOTHING_SHOWN, receive);
    links.add(link);
    socket.on('close', () => leave(link));
    meter.consoles(links.size);
    const serverTime = toInstant(clock.nowMs());
    const { epoch, seq } = feed;
    send(link, frameOf({ type: 'welcome', epoch, seq, serverTime, operator: session.username }));
    const stopGrace = clock.every(RESUME_GRACE_MS, () => settle(link, null));
    link.place = { state: 'deciding', stopGrace };
  }

  function leave(link: Link): void {
    if (link.place.state === 'deciding') link.place.stopGrace();
    if (links.delete(link)) meter.consoles(links.size);
  }

  function dismiss(link: Link, [code, reason]: readonly [number, string]): void {
    leave(link);
    link.socket.close(code, reason);
    const stop = clock.every(FAREWELL_MS, () => {
      stop();
      link.socket.terminate();
    });
    link.socket.once('close', stop);
  }

  function send(link: Link, frame: Buffer): void {
    if (!links.has(link) || link.outbox.offer(frame)) return;
    log.warn({ code: CLOSE.tooFarBehind[0] }, 'a console fell too far behind');
    dismiss(link, CLOSE.tooFarBehind);
  }

  /** The one moment at which a console gets its place in the sequence. */
  function settle(link: Link, resume: Resume | null): void {
    if (link.place.state !== 'deciding') return;
    link.place.stopGrace();
    const missed = missedBy(resume);
    link.place = { state: 'live', snapshotSeq: missed === null ? feed.seq : null };
    if (missed === null) send(link, snapshotFrame());
    else for (const item of missed) send(link, alertFrame(item));
  }

  /** Null when only a snapshot can tell: a new console, another epoch, or too long away. */
  function missedBy(resume: Resume | null): readonly FeedItem[] | null {
    if (resume?.epoch == null || resume.seq == null || resume.seq > feed.seq) return null;
    const missed = feed.since(resume.epoch, resume.seq);
    return missed === null || missed.length > RESUMED_ALERTS_MAX ? null : missed;
  }

  function snapshotFrame(): Buffer {
    if (snapshot?.seq !== feed.seq) {
      const { seq } = feed;
      snapshot = { seq, frame: frameOf({ type: 'snapshot', seq, alerts: desk.openAlerts() }) };
    }
    return snapshot.frame;
  }

  /** A resume that lost the race against the grace: the snapshot told the present, not the way there. */
  function resumeLate(link: Link, resume: Resume): void {
    if (link.place.state !== 'live' || link.place.snapshotSeq === null) return;
    const untilSeq = link.place.snapshotSeq;
    link.place = { state: 'live', snapshotSeq: null };
    const missed = missedBy(resume)?.filter(({ seq }) => seq <= untilSeq) ?? [];
    for (const item of missed) send(link, alertFrame(item));
  }

  function receive(link: Link, data: RawData): void {
    link.unanswered = 0;
    if (!links.has(link)) return;
    const read = readMessage(data);
    if (!read.ok) {
      const { requestId, code, faults } = read.error;
      return send(link, Buffer.from(resultText(requestId, code, faults)));
    }
    const message = read.value;
    if (message.type !== 'resume') return void request(link, message);
    if (link.place.state === 'deciding') settle(link, message);
    else resumeLate(link, message);
  }

  async function request(link: Link, message: Parameters<typeof doRequest>[2]): Promise<void> {
    const { requestId, type } = message;
    if (link.underWay >= REQUESTS_AT_ONCE_MAX) {
      return send(link, Buffer.from(resultText(requestId, 'too-many-requests')));
    }
    link.underWay += 1;
    const code = await doRequest({ desk, positions, log }, link.viewer, message);
    link.underWay -= 1;
    send(link, Buffer.from(resultText(requestId, code)));
    if (type === 'break-glass' && code === null) showPositions(link);
  }

  /** Only the latest, only what changed, and only while the console keeps up. */
  function showPositions(link: Link): void {
    if (!links.has(link) || link.place.state !== 'live' || link.outbox.isBusy()) return;
    const view = positions.viewFor(link.viewer);
    if (view.text === link.lastPositions) return;
    link.lastPositions = view.text;
    positions.seen(link.viewer, view);
    send(link, Buffer.from(view.text));
  }

  function showAllPositions(): void {
    if (links.size === 0) return;
    positions.refresh();
    for (const link of links) showPositions(link);
  }

  function beat(): void {
    const { lagMs } = desk.health();
    const frame = frameOf({ type: 'heartbeat', serverTime: toInstant(clock.nowMs()), lagMs });
    for (const link of links) {
      if (!book.isLive(link.session)) dismiss(link, CLOSE.sessionEnded);
      else if (link.unanswered >= PINGS_UNANSWERED_MAX) link.socket.terminate();
      else {
        link.unanswered += 1;
        link.socket.ping();
        send(link, frame);
      }
    }
  }

  book.onEnd((tokenHash) => {
    positions.sessionEnded(tokenHash);
    for (const link of links) {
      if (link.session.tokenHash === tokenHash) dismiss(link, CLOSE.sessionEnded);
    }
  });
  const stops = [
    // Within the same turn in which the alert was raised: nothing waits for anything.
    feed.subscribe((item) => {
      const frame = alertFrame(item);
      for (const link of links) if (link.place.state === 'live') send(link, frame);
    }),
    clock.every(HEARTBEAT_EVERY_MS, beat),
    clock.every(POSITIONS_EVERY_MS, showAllPositions),
  ];

  return {
    enter,
    count: () => links.size,
    close() {
      for (const stop of stops) stop();
      for (const link of links) {
        leave(link);
        link.socket.close(...CLOSE.goingDown);
        link.socket.terminate();
      }
    },
  };
}
