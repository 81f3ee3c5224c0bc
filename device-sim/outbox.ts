import type { DeviceAck, DeviceEvent, Position } from '../shared/device-message.ts';

/** 72 hours at one fix per 10 seconds, as the flash of a real device holds. (RELIABILITY §4) */
export const OUTBOX_RECORDS_MAX = 25_920;
/** Keeps a message of positions well under the 64 KiB of the wire. */
export const BACKFILL_POSITIONS_MAX = 200;
/** More at once after an outage would delay the next live fix. */
const BACKFILL_MESSAGES_MAX = 4;
const BACKFILL_PAUSE_MS = 1_000;
/** Unacknowledged for this long counts as lost; each further try waits twice as long. */
export const RESEND_AFTER_MS = 20_000;
const RESEND_AFTER_MS_MAX = 320_000;

type Content =
  | { readonly channel: 'position'; readonly body: Position }
  | { readonly channel: 'event'; readonly body: DeviceEvent };

/** A record stays until the server says that it is durable. (DESIGN §3.4) */
export type OutboxRecord = Content & { readonly tries: number; readonly dueAtMs: number };

export interface Outbox {
  /** By growing `seq`. */
  readonly records: readonly OutboxRecord[];
  readonly backfillFromMs: number;
  /** Records given up because the store was full. */
  readonly dropped: number;
}

export const EMPTY_OUTBOX: Outbox = { records: [], backfillFromMs: 0, dropped: 0 };

export function appended(outbox: Outbox, content: Content, nowMs: number): Outbox {
  const kept = outbox.records.slice(-(OUTBOX_RECORDS_MAX - 1));
  return {
    ...outbox,
    records: [...kept, { ...content, tries: 0, dueAtMs: nowMs }],
    dropped: outbox.dropped + outbox.records.length - kept.length,
  };
}

/** Deletes what is acknowledged, and never a record that has not been sent. */
export function acknowledged(outbox: Outbox, ack: DeviceAck): Outbox {
  const seqs = 'seqs' in ack ? new Set(ack.seqs) : null;
  const upTo = 'upTo' in ack ? ack.upTo : -1;
  const records = outbox.records.filter(({ tries, body }) => {
    if (tries === 0 || (ack.boot != null && ack.boot !== body.boot)) return true;
    return seqs === null ? body.seq > upTo : !seqs.has(body.seq);
  });
  return records.length === outbox.records.length ? outbox : { ...outbox, records };
}

/** After an outage nothing that was on its way can be trusted to have arrived. */
export function reconnected(outbox: Outbox, nowMs: number): Outbox {
  const records = outbox.records.map((record) => ({ ...record, dueAtMs: nowMs }));
  return { ...outbox, records, backfillFromMs: nowMs };
}

export type Dispatch = readonly OutboxRecord[];

/**
 * What to send now: events first, then the newest fix alone, because somebody may be in danger
 * now, then what came before it in batches, oldest first. Each dispatch is one message.
 */
export function dispatched(
  outbox: Outbox,
  nowMs: number,
): { outbox: Outbox; dispatches: readonly Dispatch[] } {
  const due = outbox.records.filter(({ dueAtMs }) => dueAtMs <= nowMs);
  if (due.length === 0) return { outbox, dispatches: [] };
  const positions = due.filter(({ channel }) => channel === 'position');
  const events = due.filter(({ channel }) => channel === 'event').map((event) => [event]);
  const newest = positions.slice(-1).map((position) => [position]);
  const older = nowMs < outbox.backfillFromMs ? [] : positions.slice(0, -1);
  const backfill = batches(older).slice(0, BACKFILL_MESSAGES_MAX);
  const dispatches = [...events, ...newest, ...backfill];
  const sent = new Set(dispatches.flat());
  const records = outbox.records.map((record) =>
    sent.has(record) ? sentOnce(record, nowMs) : record,
  );
  const backfillFromMs = backfill.length > 0 ? nowMs + BACKFILL_PAUSE_MS : outbox.backfillFromMs;
  return { outbox: { ...outbox, records, backfillFromMs }, dispatches };
}

function batches(records: Dispatch): Dispatch[] {
  const count = Math.ceil(records.length / BACKFILL_POSITIONS_MAX);
  return Array.from({ length: count }, (_, i) =>
    records.slice(i * BACKFILL_POSITIONS_MAX, (i + 1) * BACKFILL_POSITIONS_MAX),
  );
}

function sentOnce(record: OutboxRecord, nowMs: number): OutboxRecord {
  const waitMs = Math.min(RESEND_AFTER_MS * 2 ** record.tries, RESEND_AFTER_MS_MAX);
  return { ...record, tries: record.tries + 1, dueAtMs: nowMs + waitMs };
}

/** When there will be something to send; Infinity when all is acknowledged. */
export function nextDispatchMs(outbox: Outbox, nowMs: number): number {
  let nextMs = Infinity;
  for (const { dueAtMs } of outbox.records) {
    nextMs = Math.min(nextMs, dueAtMs <= nowMs ? outbox.backfillFromMs : dueAtMs);
  }
  return nextMs;
}
