import { isOpen } from '../../shared/alert.ts';
import { assertNever } from '../../shared/result.ts';
import type { AlertRecord } from '../core/alert-record.ts';
import { headOf, isDecision, rowAfter } from '../evidence/journal-chain.ts';
import type { JournalHead } from '../kept.ts';
import type { Decision, Entry } from '../ports.ts';
import { causeOf, trackOf } from './store-alert-row.ts';
import { type BadEntry, type DataEntry, type EntryOf, serverTimeOf } from './store-entry.ts';
import { type Storable, storable } from './store-row.ts';

/**
 * What a batch of entries comes to, table by table, before anything is asked of the database. One
 * INSERT cannot change a row twice: where the last counts, only the last is here.
 */

export type Value = Storable | boolean;
export type Values = readonly Value[];

export interface PositionValues {
  readonly fixAtMs: number;
  readonly receivedAtMs: number;
  readonly deviceId: string;
  readonly values: Values;
}

/** A track as it grows within a batch: from the earliest, until what was said last. */
interface TrackValues {
  readonly deviceId: string;
  readonly alertId: string;
  fromMs: number;
}

export class Batch {
  /** Where the journal stands after it. */
  head: JournalHead;
  newestMs: number | null = null;
  /** Entries that cannot be written by anybody. */
  readonly bad: BadEntry[] = [];
  readonly positions: PositionValues[] = [];
  readonly positioned = new Set<string>();
  readonly deviceEvents: Values[] = [];
  readonly checkpoints: Values[] = [];
  readonly rejections: Values[] = [];
  readonly beats = new Map<number, Values>();
  readonly accounts = new Map<string, Values>();
  /** Null for one that ended. */
  readonly sessions = new Map<string, Values | null>();
  readonly journal: Values[] = [];
  readonly alerts = new Map<string, Values>();
  readonly alertEvents: Values[] = [];
  readonly tracks = new Map<string, TrackValues>();
  readonly trackEnds = new Map<string, Values>();
  readonly orders: Values[] = [];
  readonly devices = new Map<string, Values>();
  readonly commands = new Map<string, Values>();
  readonly registrations = new Map<string, Values>();
  readonly deliveries = new Map<string, Values>();

  /** `firstIndex`: the place of the first entry in the batch that all of this is part of. */
  constructor(head: JournalHead, entries: readonly Entry[], firstIndex = 0) {
    this.head = head;
    entries.forEach((entry, i) => {
      try {
        if (isDecision(entry)) this.#decision(entry);
        else this.#data(entry);
        this.#note(serverTimeOf(entry));
      } catch (error) {
        const message = `${entry.type}: ${(error as Error).message}`;
        this.bad.push({ index: firstIndex + i, message });
      }
    });
  }

  #note(atMs: number | null): void {
    if (atMs !== null) this.newestMs = Math.max(this.newestMs ?? atMs, atMs);
  }

  /** Throws before anything of it is noted. */
  #decision(decision: Decision): void {
    const row = rowAfter(this.head, decision);
    const values = [row.seq, row.atMs, row.type, row.body, row.hash].map(storable);
    this.#index(decision, row.seq);
    this.journal.push(values);
    this.head = headOf(row);
  }

  #index(decision: Decision, seq: number): void {
    switch (decision.type) {
      case 'alert-change':
        return this.#alert(decision.change.record, seq);
      case 'order-version':
        return void this.orders.push([decision.orderId, decision.version, seq].map(storable));
      case 'device': {
        const { deviceId } = decision.device;
        return void this.devices.set(deviceId, [deviceId, seq].map(storable));
      }
      case 'command':
        return void this.commands.set(decision.deviceId, [decision.deviceId, seq].map(storable));
      case 'registration': {
        const { kind, key } = decision;
        return void this.registrations.set(`${kind}\n${key}`, [kind, key, seq].map(storable));
      }
      case 'look':
      case 'system-event':
        return;
      default:
        assertNever(decision);
    }
  }

  #alert(record: AlertRecord, seq: number): void {
    const { alertId, episode, kind, caseId, orderId, banId, deviceId } = record;
    const subject = [alertId, causeOf(record), episode, kind, caseId, orderId, banId, deviceId];
    const times = [record.raisedAtMs, record.updatedAtMs, seq].map(storable);
    const { deviceIds, fromMs, untilMs } = trackOf(record);
    const end = [alertId, untilMs].map(storable);
    const stands: Value[] = [isOpen(record), record.state === 'closed'];
    this.alerts.set(alertId, [...subject.map(storable), ...stands, ...times]);
    this.alertEvents.push([alertId, seq]);
    for (const device of deviceIds) this.#track(device, alertId, fromMs);
    this.trackEnds.set(alertId, end);
  }

  #track(deviceId: string, alertId: string, fromMs: number): void {
    const key = `${alertId}\n${deviceId}`;
    const known = this.tracks.get(key);
    if (known) known.fromMs = Math.min(known.fromMs, fromMs);
    else this.tracks.set(key, { deviceId, alertId, fromMs });
  }

  #position(position: PositionValues): void {
    this.positions.push(position);
    this.positioned.add(position.deviceId);
  }

  #data(entry: DataEntry): void {
    switch (entry.type) {
      case 'position':
        return this.#position(positionValues(entry));
      case 'device-event':
        return void this.deviceEvents.push(deviceEventValues(entry));
      case 'checkpoint': {
        const { seq, atMs, hash, keyId, signature } = entry;
        return void this.checkpoints.push([seq, atMs, hash, keyId, signature].map(storable));
      }
      case 'beat':
        return void this.beats.set(entry.atMs, [entry.atMs, entry.tookMs].map(storable));
      case 'delivered': {
        const { subscriptionId, seq, atMs } = entry;
        return void this.deliveries.set(subscriptionId, [subscriptionId, seq, atMs].map(storable));
      }
      case 'alive':
        // Its time is noted with the batch.
        return;
      case 'account': {
        const { username, role, secretHash } = entry;
        return void this.accounts.set(username, [username, role, secretHash].map(storable));
      }
      case 'session':
        return void this.sessions.set(entry.tokenHash, sessionValues(entry));
      case 'session-ended':
        return void this.sessions.set(entry.tokenHash, null);
      case 'rejection': {
        const { atMs, topic, reason, detail, payload } = entry;
        return void this.rejections.push([atMs, topic, reason, detail, payload].map(storable));
      }
      default:
        return assertNever(entry);
    }
  }
}

function positionValues({ deviceId, fix, payload }: EntryOf<'position'>): PositionValues {
  const { atMs, seq, receivedAtMs, lon, lat, accuracyM, speedMs, headingDeg, battery } = fix;
  const measured = [atMs, seq, receivedAtMs, lon, lat, accuracyM, speedMs, headingDeg, battery];
  const values = [...measured, deviceId, fix.boot ?? '', fix.source, payload].map(storable);
  return { fixAtMs: atMs, receivedAtMs, deviceId, values };
}

function deviceEventValues(entry: EntryOf<'device-event'>): Values {
  const { deviceId, boot, seq, kind, eventAtMs, receivedAtMs, payload } = entry;
  return [seq, eventAtMs, receivedAtMs, deviceId, boot ?? '', kind, payload].map(storable);
}

function sessionValues(entry: EntryOf<'session'>): Values {
  const { tokenHash, username, role, createdAtMs, expiresAtMs } = entry;
  return [tokenHash, username, role, createdAtMs, expiresAtMs].map(storable);
}
