import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import { HEARTBEAT_EVERY_MS } from '../../shared/console-message.ts';
import { toInstant } from '../../shared/instant.ts';
import type { StoredSession } from '../kept.ts';
import type { Clock, Desk, Log, Meter, Store } from '../ports.ts';
import { doRequest, readMessage, type Request, resultText } from './console-inbound.ts';
import { CLOSE, type Link, openLink, PINGS_UNANSWERED_MAX } from './console-link.ts';
import { BEHIND_BYTES_MAX } from './console-outbox.ts';
import { type ConsolePositions, consolePositions } from './console-positions.ts';
import { type AlertSequence, alertSequence } from './console-sequence.ts';
import type { SessionBook } from './http-session-book.ts';

/** Positions are at most this old on the screen, beside the age that they say themselves. */
export const POSITIONS_EVERY_MS = 1_000;
/** Often enough beside the ten seconds that a console may be behind. */
const BACKLOG_EVERY_MS = 1_000;
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

const frameOf = (message: object): Buffer => Buffer.from(JSON.stringify(message));
const NOTHING_SHOWN = JSON.stringify({ type: 'positions', features: [], bans: [] });

/** All connected consoles: each sees every alert once and in order, or is told to start over. */
export class ConsoleHall {
  readonly #parts: HallParts;
  readonly #links = new Set<Link>();
  readonly #positions: ConsolePositions;
  readonly #sequence: AlertSequence;
  readonly #stops: (() => void)[];

  constructor(parts: HallParts) {
    const { desk, clock, book } = parts;
    this.#parts = parts;
    this.#positions = consolePositions(parts);
    this.#sequence = alertSequence(desk, clock, (link, frame) => this.#send(link, frame));
    book.onEnd((tokenHash) => this.#endSession(tokenHash));
    this.#stops = [
      // Within the same turn in which the alert was raised: nothing waits for anything.
      desk.feed.subscribe((item) => this.#sequence.tellAll(this.#links, item)),
      clock.every(HEARTBEAT_EVERY_MS, () => this.#beat()),
      clock.every(POSITIONS_EVERY_MS, () => this.#showAllPositions()),
      clock.every(BACKLOG_EVERY_MS, () => this.#dropThoseBehind()),
    ];
  }

  get count(): number {
    return this.#links.size;
  }

  enter(socket: WebSocket, wire: Duplex, session: StoredSession): void {
    const { desk, clock, meter } = this.#parts;
    const link = openLink(socket, wire, session, NOTHING_SHOWN, (from, data) =>
      this.#receive(from, data),
    );
    this.#links.add(link);
    socket.on('close', () => this.#leave(link));
    meter.consoles(this.count);
    const serverTime = toInstant(clock.nowMs());
    const { epoch, seq } = desk.feed;
    const operator = session.username;
    this.#send(link, frameOf({ type: 'welcome', epoch, seq, serverTime, operator }));
    this.#sequence.begin(link);
  }

  close(): void {
    for (const stop of this.#stops) stop();
    for (const link of this.#links) {
      this.#leave(link);
      link.socket.close(...CLOSE.goingDown);
      link.socket.terminate();
    }
  }

  #leave(link: Link): void {
    if (link.place.state === 'deciding') link.place.stopGrace();
    if (this.#links.delete(link)) this.#parts.meter.consoles(this.count);
  }

  #dismiss(link: Link, [code, reason]: readonly [number, string]): void {
    this.#leave(link);
    link.outbox.drop();
    link.socket.close(code, reason);
    const stop = this.#parts.clock.every(FAREWELL_MS, () => {
      stop();
      link.socket.terminate();
    });
    link.socket.once('close', stop);
  }

  #endSession(tokenHash: string): void {
    this.#positions.sessionEnded(tokenHash);
    for (const link of this.#links) {
      if (link.session.tokenHash === tokenHash) this.#dismiss(link, CLOSE.sessionEnded);
    }
  }

  #send(link: Link, frame: Buffer): void {
    if (!this.#links.has(link) || link.outbox.offer(frame)) return;
    this.#dropBehind(link);
  }

  #dropBehind(link: Link): void {
    const { waitingBytes } = link.outbox;
    const facts = { code: CLOSE.tooFarBehind[0], waitingBytes };
    this.#parts.log.warn(facts, 'a console fell too far behind');
    this.#dismiss(link, CLOSE.tooFarBehind);
  }

  #dropThoseBehind(): void {
    const { clock, meter } = this.#parts;
    let mostBytes = 0;
    for (const link of this.#links) {
      mostBytes = Math.max(mostBytes, link.outbox.waitingBytes);
      if (link.outbox.isBehind(clock.nowMs())) this.#dropBehind(link);
    }
    meter.consoleBehind(mostBytes);
  }

  #receive(link: Link, data: RawData): void {
    link.unanswered = 0;
    if (!this.#links.has(link)) return;
    const read = readMessage(data);
    if (!read.ok) {
      const { requestId, code, faults } = read.error;
      this.#send(link, Buffer.from(resultText(requestId, code, faults)));
    } else if (read.value.type === 'resume') this.#sequence.resume(link, read.value);
    else void this.#request(link, read.value);
  }

  async #request(link: Link, message: Request): Promise<void> {
    const { requestId, type } = message;
    if (link.underWay >= REQUESTS_AT_ONCE_MAX) {
      return this.#send(link, Buffer.from(resultText(requestId, 'too-many-requests')));
    }
    link.underWay += 1;
    const { desk, log } = this.#parts;
    const code = await doRequest({ desk, positions: this.#positions, log }, link.viewer, message);
    link.underWay -= 1;
    this.#send(link, Buffer.from(resultText(requestId, code)));
    if (type === 'break-glass' && code === null) this.#showPositions(link);
  }

  /** Only the latest, only what changed, and only while the console keeps up. */
  #showPositions(link: Link): void {
    if (!this.#links.has(link) || link.place.state !== 'live' || link.outbox.isBusy()) return;
    const view = this.#positions.viewFor(link.viewer);
    if (view.text === link.lastPositions) return;
    link.lastPositions = view.text;
    this.#positions.seen(link.viewer, view);
    this.#send(link, view.frame);
  }

  #showAllPositions(): void {
    if (this.count === 0) return;
    this.#positions.refresh();
    for (const link of this.#links) this.#showPositions(link);
  }

  #beat(): void {
    const { desk, clock, book } = this.#parts;
    const nowMs = clock.nowMs();
    const { lagMs, canaryAgeS } = desk.health();
    const provenAt = canaryAgeS === null ? null : toInstant(nowMs - canaryAgeS * 1_000);
    const frame = frameOf({ type: 'heartbeat', serverTime: toInstant(nowMs), lagMs, provenAt });
    for (const link of this.#links) {
      if (!book.isLive(link.session)) this.#dismiss(link, CLOSE.sessionEnded);
      else if (isGone(link)) link.socket.terminate();
      else {
        link.unanswered += 1;
        link.socket.ping();
        this.#send(link, frame);
      }
    }
  }
}

/**
 * Nobody there. A ping waits behind what was handed over before it: a console that takes that is
 * alive, and one for which much waits is judged by that alone.
 */
function isGone(link: Link): boolean {
  if (link.outbox.moved() || link.outbox.waitingBytes > BEHIND_BYTES_MAX) link.unanswered = 0;
  return link.unanswered >= PINGS_UNANSWERED_MAX;
}
