import type { Alert, AlertChangeKind } from '../../shared/alert.ts';
import { toAlert, type AlertChange } from '../../server/core/alert-record.ts';
import { Engine } from '../../server/core/engine.ts';
import type { Message, Setup } from './case-set.ts';

/** What a score needs of a line of `replay`'s output. */
export type AlertLine = Readonly<
  Pick<Alert, 'kind' | 'stage' | 'certainty' | 'priority' | 'state' | 'retrospective'> & {
    atMs: number;
    change: AlertChangeKind;
    alertId: string;
    orderId: string | null;
    banId: string | null;
  }
>;

/** Runs messages through the live code on virtual time, exactly as `replay` does. */
export function playBack(setup: Setup, messages: readonly Message[]): AlertLine[] {
  const engine = new Engine();
  const lines: AlertLine[] = [];
  const collect = (changes: readonly AlertChange[]): void => {
    for (const change of changes) lines.push(lineOf(change));
  };
  const startMs = messages[0]?.receivedAtMs ?? 0;
  for (const device of setup.devices) collect(engine.setDevice(device, startMs));
  for (const order of setup.orders) {
    collect(engine.setOrder({ order, version: 1, status: 'active' }, startMs));
  }
  for (const { topic, payload, receivedAtMs } of messages) {
    collect(engine.message(topic, JSON.stringify(payload), receivedAtMs).changes);
  }
  return lines;
}

function lineOf({ atMs, change, record }: AlertChange): AlertLine {
  const { alertId, orderId, banId, kind, ...alert } = toAlert(record);
  const { stage, certainty, priority, state, retrospective } = alert;
  const what = { alertId, orderId, banId, kind, retrospective };
  // `replay` prints whole milliseconds.
  return { atMs: Math.trunc(atMs), change, ...what, stage, certainty, priority, state };
}
