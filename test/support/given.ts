import type { AlertChange, AlertRecord } from '../../server/core/alert-record.ts';
import type { Fix } from '../../server/core/case-event.ts';
import { DEFAULT_RULES, type Rules } from '../../server/core/case-state.ts';
import { sigmaOf } from '../../server/core/fix-error.ts';
import { Engine, type Handled } from '../../server/core/engine.ts';
import type { AlertAct } from '../../shared/alert-act.ts';
import { CourtOrder, type OrderStatus } from '../../shared/court-order.ts';
import { Device } from '../../shared/device.ts';
import { offsetBy } from '../../shared/geodesy.ts';
import { toInstant } from '../../shared/instant.ts';
import { topicOf, type UplinkChannel } from '../../shared/topics.ts';

/** A Monday, 11:00 in Amsterdam. */
export const T0 = Date.UTC(2026, 10, 23, 10, 0, 0);

/** The middle of the world in which the tests play. */
export const HOME: readonly [lon: number, lat: number] = [5.1, 52.1];

/** The place so many metres east and north of home. */
export const place = (eastM: number, northM = 0): [lon: number, lat: number] =>
  offsetBy(HOME[0], HOME[1], eastM, northM);

export const ms = (seconds: number): number => T0 + Math.round(seconds * 1000);
export const instant = (seconds: number): string => toInstant(ms(seconds));

/** A parsed fix at home with a perfect receiver, but for what a test says otherwise. */
export function fixOf(other: Partial<Fix> = {}): Fix {
  const atMs = other.atMs ?? T0;
  return {
    seq: 1,
    boot: null,
    atMs,
    receivedAtMs: atMs,
    lon: HOME[0],
    lat: HOME[1],
    accuracyM: null,
    speedMs: null,
    headingDeg: null,
    source: 'gnss',
    battery: null,
    ...other,
  };
}

/** The accuracy that a receiver claims whose error is taken to be so large. */
export function accuracyOf(sigmaM: number, source: Fix['source'] = 'gnss'): number {
  let [low, high] = [0.1, 10_000];
  while (high - low > 1e-9) {
    const accuracyM = (low + high) / 2;
    if (sigmaOf(fixOf({ accuracyM, source })) < sigmaM) low = accuracyM;
    else high = accuracyM;
  }
  return high;
}

/** 500 m around victim v-1. */
export const APART = { banId: 'b1', kind: 'contact-ban', victimId: 'v-1', distanceM: 500 };

/** A square zone of so many metres a side, its middle so far from home. */
export function square(sideM: number, eastM = 0, northM = 0): object {
  const half = sideM / 2;
  const corners = [
    place(eastM - half, northM - half),
    place(eastM + half, northM - half),
    place(eastM + half, northM + half),
    place(eastM - half, northM + half),
  ];
  return { type: 'Polygon', coordinates: [[...corners, corners[0]]] };
}

export function orderOf(bans: readonly object[], other: object = {}): CourtOrder {
  return CourtOrder.parse({
    orderId: 'ord-1',
    reference: 'TEST-1',
    legalBasis: 'behavioural-order',
    wearerId: 'w-1',
    validFrom: '2026-11-01T00:00:00+01:00',
    validUntil: '2027-01-30T00:00:00+01:00',
    bans,
    ...other,
  });
}

export const deviceOf = (deviceId: string, kind: Device['kind'], personId: string): Device =>
  Device.parse({ deviceId, kind, personId });

export const ANKLE = deviceOf('ankle', 'ankle-monitor', 'w-1');
export const PHONE = deviceOf('phone', 'victim-device', 'v-1');

/** A position as a test says it: where, how sure, how it moves; `measuredS` if it comes late. */
export interface Said {
  readonly eastM?: number;
  readonly northM?: number;
  readonly accuracy?: number;
  readonly speed?: number;
  readonly heading?: number;
  readonly source?: string;
  readonly battery?: number;
  readonly seq?: number;
  readonly boot?: string;
  readonly measuredS?: number;
}

/** The engine of the live server, told of events by the second. */
export class Given {
  readonly engine: Engine;
  /** All that was told, in order. */
  readonly told: AlertChange[] = [];
  readonly #seqs = new Map<string, number>();

  constructor(rules: Rules = DEFAULT_RULES) {
    this.engine = new Engine(rules);
  }

  device(device: Device, s = 0): this {
    this.told.push(...this.engine.setDevice(device, ms(s)));
    return this;
  }

  order(order: CourtOrder, s = 0, version = 1, status: OrderStatus = 'active'): this {
    this.told.push(...this.engine.setOrder({ order, version, status }, ms(s)));
    return this;
  }

  /** Lets time pass until so many seconds after the start. */
  at(s: number): this {
    this.told.push(...this.engine.advanceTo(ms(s)));
    return this;
  }

  message(deviceId: string, channel: UplinkChannel, body: unknown, s: number) {
    const handled: Handled = this.engine.message(
      topicOf(deviceId, channel),
      JSON.stringify(body),
      ms(s),
    );
    this.told.push(...handled.changes);
    return handled;
  }

  fix(deviceId: string, s: number, said: Said = {}): Handled {
    const { eastM = 0, northM = 0, measuredS = s, seq = this.#next(deviceId), ...rest } = said;
    const [lon, lat] = place(eastM, northM);
    const time = instant(measuredS);
    return this.message(deviceId, 'position', { seq, time, lon, lat, accuracy: 5, ...rest }, s);
  }

  /** A fix each so many seconds, as long as told. */
  fixes(deviceId: string, fromS: number, untilS: number, everyS: number, said: Said = {}): this {
    for (let s = fromS; s <= untilS; s += everyS) this.fix(deviceId, s, said);
    return this;
  }

  event(deviceId: string, kind: string, s: number, seq = this.#next(`${deviceId}/event`)): Handled {
    return this.message(deviceId, 'event', { seq, time: instant(s), kind }, s);
  }

  act(alertId: string, act: AlertAct, s: number, by = 'anna') {
    const done = this.engine.act({ alertId: alertId as AlertRecord['alertId'], act, by }, ms(s));
    this.told.push(...done.changes);
    return done.refused;
  }

  /** Alerts that still stand or ask something, of one code if named. */
  alerts(code?: string): AlertRecord[] {
    const all = [...this.engine.caseload.cases()].flatMap(({ alerts }) => [...alerts.values()]);
    return code === undefined ? all : all.filter((record) => record.code === code);
  }

  alert(code: string): AlertRecord {
    const found = this.alerts(code);
    if (found.length !== 1) throw new Error(`${found.length} alerts ${code}, not one`);
    return found[0]!;
  }

  /** `raised approach 2`, `updated breach 1`, …: what was told of one code, as a short script. */
  script(code: string): string[] {
    return this.told
      .filter(({ record }) => record.code === code)
      .map(({ change, record: { stage, priority } }) =>
        [change, stage, priority].filter((word) => word !== null).join(' '),
      );
  }

  /** Seconds after the start at which each change of one code was told. */
  times(code: string): string[] {
    return this.told
      .filter(({ record }) => record.code === code)
      .map(({ change, atMs }) => `${change} ${(atMs - T0) / 1000}`);
  }

  #next(counter: string): number {
    const seq = (this.#seqs.get(counter) ?? 0) + 1;
    this.#seqs.set(counter, seq);
    return seq;
  }
}

/** A wearer and a victim with their devices, under one order with these bans. */
export function given(bans: readonly object[] = [APART], rules?: Rules): Given {
  return new Given(rules).device(ANKLE).device(PHONE).order(orderOf(bans));
}

/** Frozen through and through: who changes it throws. */
export function deepFrozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (ArrayBuffer.isView(value)) return value;
  Object.freeze(value);
  if (value instanceof Map) for (const entry of value) deepFrozen(entry);
  for (const inner of Object.values(value)) deepFrozen(inner);
  return value;
}
