import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import type { StoredSession } from '../kept.ts';
import { type Outbox, outboxOf } from './console-outbox.ts';
import type { Viewer } from './console-positions.ts';

/** Codes of our own with which a console's connection ends. (RFC 6455 §7.4.2) */
export const CLOSE = {
  tooFarBehind: [4008, 'too-far-behind'],
  sessionEnded: [4401, 'session-ended'],
  goingDown: [1001, 'going-down'],
} as const;

/**
 * Where a console stands in the sequence of alerts. A fresh link is `deciding` until it resumes or
 * the grace is over; alerts meanwhile are not sent, for the decision covers them. From then on it
 * is `live`; one that got a snapshot may once still ask for what came just before it.
 */
export type Place =
  { state: 'deciding'; stopGrace: () => void } | { state: 'live'; snapshotSeq: number | null };

/** One connected console. */
export interface Link {
  readonly socket: WebSocket;
  readonly outbox: Outbox;
  readonly viewer: Viewer;
  readonly session: StoredSession;
  place: Place;
  /** Text of the last positions message, so that the same is not sent twice. */
  lastPositions: string;
  /** Pings in a row without an answer. */
  unanswered: number;
  /** Requests that wait for the desk. */
  underWay: number;
}

/**
 * A console that answers none of this many pings in a row, one each heartbeat, is gone: known
 * within ten seconds, and well after it has said so itself.
 */
export const PINGS_UNANSWERED_MAX = 4;

export function openLink(
  socket: WebSocket,
  wire: Duplex,
  session: StoredSession,
  nothingShown: string,
  onMessage: (link: Link, data: RawData) => void,
): Link {
  const link: Link = {
    socket,
    session,
    outbox: outboxOf(socket, wire),
    lastPositions: nothingShown,
    viewer: { username: session.username, tokenHash: session.tokenHash },
    place: { state: 'deciding', stopGrace: () => {} },
    unanswered: 0,
    underWay: 0,
  };
  socket.on('pong', () => {
    link.unanswered = 0;
  });
  socket.on('message', (data) => onMessage(link, data));
  // Broken frames end a link by themselves; its close is all there is to handle.
  socket.on('error', () => socket.terminate());
  return link;
}
