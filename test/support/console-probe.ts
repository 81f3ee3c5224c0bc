import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Alert } from '../../shared/alert.ts';
import { ServerToConsole } from '../../shared/console-message.ts';

export type Result = Extract<ServerToConsole, { type: 'result' }>;

/** A console that writes down every frame, each checked against the shared schema. */
export interface ConsoleProbe {
  readonly heard: readonly ServerToConsole[];
  readonly epoch: string;
  /** Number of the last alert heard, as a console would resume from. */
  seq(): number;
  /** Newest state of every alert heard of. */
  alerts(): ReadonlyMap<string, Alert>;
  /** Every alert frame, in order. */
  changes(): Alert[];
  /** What `find` gives as soon as it gives something; fails, saying what was awaited. */
  waitFor<T>(what: string, find: () => T | undefined | null | false, ms?: number): Promise<T>;
  /** The newest state of an alert that fits, as soon as one does. */
  alert(what: string, fits: (alert: Alert) => boolean, ms?: number): Promise<Alert>;
  /** Sends a request and waits for its result. */
  request(message: object): Promise<Result>;
  close(): Promise<void>;
}

export interface ProbeWish {
  readonly epoch?: string;
  readonly seq?: number;
}

const WAIT_MS = 10_000;

export async function openProbe(
  wsUrl: string,
  headers: Record<string, string>,
  { epoch, seq }: ProbeWish = {},
): Promise<ConsoleProbe> {
  const socket = new WebSocket(`${wsUrl}/v1/console`, { headers });
  const heard: ServerToConsole[] = [];
  const looks = new Set<() => void>();
  socket.on('message', (data) => {
    heard.push(ServerToConsole.parse(JSON.parse(String(data))));
    for (const look of looks) look();
  });
  const closed = once(socket, 'close');
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'resume', epoch: epoch ?? null, seq: seq ?? null }));
  const waitFor: ConsoleProbe['waitFor'] = (what, find, ms = WAIT_MS) =>
    waiting(looks, what, find, ms, heard);
  const welcome = await waitFor('a welcome', () => heard.find(({ type }) => type === 'welcome'));
  if (epoch === undefined) await waitFor('a snapshot', () => heard.find(isSnapshot));
  let asked = 0;
  const alerts = (): ReadonlyMap<string, Alert> => newestOf(heard);
  return {
    heard,
    epoch: welcome.type === 'welcome' ? welcome.epoch : '',
    seq: () => Math.max(seq ?? 0, ...heard.map(seqOf)),
    alerts,
    changes: () => heard.flatMap((frame) => (frame.type === 'alert' ? [frame.alert] : [])),
    waitFor,
    alert: (what, fits, ms) => waitFor(what, () => [...alerts().values()].find(fits), ms),
    request(message) {
      const requestId = `request-${++asked}`;
      socket.send(JSON.stringify({ ...message, requestId }));
      return waitFor(`the result of ${JSON.stringify(message)}`, () =>
        heard.find((frame): frame is Result => {
          return frame.type === 'result' && frame.requestId === requestId;
        }),
      );
    },
    async close() {
      socket.close();
      await closed;
    },
  };
}

/** A welcome names the newest number, but brings nothing. */
const seqOf = (frame: ServerToConsole): number =>
  frame.type === 'alert' || frame.type === 'snapshot' ? frame.seq : 0;

const isSnapshot = ({ type }: ServerToConsole): boolean => type === 'snapshot';

function newestOf(heard: readonly ServerToConsole[]): ReadonlyMap<string, Alert> {
  const alerts = new Map<string, Alert>();
  for (const frame of heard) {
    if (frame.type === 'snapshot') for (const each of frame.alerts) alerts.set(each.alertId, each);
    if (frame.type === 'alert') alerts.set(frame.alert.alertId, frame.alert);
  }
  return alerts;
}

function waiting<T>(
  looks: Set<() => void>,
  what: string,
  find: () => T | undefined | null | false,
  ms: number,
  heard: readonly ServerToConsole[],
): Promise<T> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const found = find();
      if (found === undefined || found === null || found === false) return;
      looks.delete(look);
      clearTimeout(timer);
      resolve(found);
    };
    const timer = setTimeout(() => {
      looks.delete(look);
      reject(new Error(`waited ${ms} ms in vain for ${what}; heard:\n${summary(heard)}`));
    }, ms);
    looks.add(look);
    look();
  });
}

const summary = (heard: readonly ServerToConsole[]): string =>
  heard
    .filter(({ type }) => type !== 'heartbeat' && type !== 'positions')
    .slice(-30)
    .map((frame) => {
      if (frame.type !== 'alert') return JSON.stringify(frame).slice(0, 300);
      const { code, wearerId, deviceId, stage, certainty, priority, state } = frame.alert;
      const who = [wearerId, deviceId].join(' ');
      return ['alert', frame.seq, code, who, stage, certainty, priority, state].join(' ');
    })
    .join('\n');
