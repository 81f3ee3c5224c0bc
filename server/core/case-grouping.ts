import type { CaseId, PersonId } from '../../shared/ids.ts';
import type { AlertRecord } from './alert-record.ts';
import { agendaOf, emptyCase, type CaseState } from './case-state.ts';
import { isOver } from './order-life.ts';
import type { OrderState } from './order-state.ts';

/** Persons whom an order ties together, the wearer first. */
export const personsOf = (order: OrderState): PersonId[] => [order.wearerId, ...order.victimIds];

/**
 * Cases are the connected parts of the graph of persons and orders. They are merged and cut anew
 * when an order changes; every device, alert and memory goes along with its person. (SPEC CA1)
 */
export function regrouped(cases: readonly CaseState[], atMs: number): CaseState[] {
  const whole = united(cases, UNITED, atMs);
  const leaderOf = components(whole);
  const parts = new Map<PersonId, CaseState>();
  const partOf = (personId: PersonId): CaseState => {
    const leader = leaderOf(personId);
    const part = parts.get(leader) ?? emptyCase(caseIdOf(leader), whole.atMs);
    parts.set(leader, part);
    return part;
  };
  const put = (personId: PersonId, grow: (part: CaseState) => CaseState): void => {
    const part = partOf(personId);
    parts.set(leaderOf(personId), grow(part));
  };
  distribute(whole, put);
  return [...parts.values()].map((part) => ({
    ...part,
    // Copies of exactly the length needed: there are as many cases as wearers.
    devices: part.devices.slice(),
    orders: part.orders.slice(),
    bans: part.bans.slice(),
    agenda: agendaOf(part.bans),
    dueMs: atMs,
  }));
}

type Put = (personId: PersonId, grow: (part: CaseState) => CaseState) => void;

function distribute(whole: CaseState, put: Put): void {
  for (const device of whole.devices) {
    const asked = whole.asked.filter(({ deviceId }) => deviceId === device.device.deviceId);
    put(device.device.personId, (part) => ({
      ...part,
      devices: [...part.devices, device],
      asked: asked.length > 0 ? [...part.asked, ...asked] : part.asked,
    }));
  }
  for (const order of whole.orders) {
    put(order.wearerId, (part) => ({ ...part, orders: [...part.orders, order] }));
  }
  for (const ban of whole.bans) {
    put(ban.wearerId, (part) => ({ ...part, bans: [...part.bans, ban] }));
  }
  for (const record of whole.alerts.values()) {
    const personId = record.wearerId ?? record.victimId;
    if (!personId) continue;
    put(personId, (part) => {
      const moved: AlertRecord = { ...record, caseId: part.caseId };
      return { ...part, alerts: new Map(part.alerts).set(record.alertId, moved) };
    });
  }
  distributeWatches(whole, put);
}

function distributeWatches(whole: CaseState, put: Put): void {
  const owner = new Map<string, PersonId>();
  for (const order of whole.orders) {
    // Also of bans that were taken out: their episode numbers must never be given again.
    owner.set(order.orderId, order.wearerId);
  }
  for (const { device } of whole.devices) owner.set(`device:${device.deviceId}`, device.personId);
  for (const [key, watch] of whole.watches) {
    const personId = owner.get(key.slice(0, key.lastIndexOf('/')));
    if (!personId) continue;
    put(personId, (part) => ({ ...part, watches: new Map(part.watches).set(key, watch) }));
  }
}

const UNITED = 'united' as CaseId;

/** Several cases as one; their keys never collide, so nothing is lost. */
export function united(cases: readonly CaseState[], caseId: CaseId, atMs: number): CaseState {
  const [first] = cases;
  if (cases.length === 1 && first) return { ...first, caseId };
  const bans = cases.flatMap((part) => part.bans);
  return {
    ...emptyCase(caseId, atMs),
    devices: cases.flatMap((part) => part.devices),
    orders: cases.flatMap((part) => part.orders),
    bans,
    agenda: agendaOf(bans),
    asked: cases.flatMap((part) => part.asked),
    watches: new Map(cases.flatMap((part) => [...part.watches])),
    alerts: new Map(cases.flatMap((part) => [...part.alerts])),
  };
}

/** Union-find over persons; a part is led by its smallest wearer, else by its smallest person. */
function components(whole: CaseState): (personId: PersonId) => PersonId {
  const parent = new Map<PersonId, PersonId>();
  const wearers = new Set(whole.orders.map(({ wearerId }) => wearerId));
  const find = (personId: PersonId): PersonId => {
    const up = parent.get(personId) ?? personId;
    return up === personId ? personId : find(up);
  };
  const leads = (a: PersonId, b: PersonId): boolean =>
    wearers.has(a) === wearers.has(b) ? a < b : wearers.has(a);
  for (const { status, wearerId, victimIds } of whole.orders) {
    // An order that is over ties nobody together any more.
    if (isOver(status)) continue;
    for (const other of victimIds) {
      const a = find(wearerId);
      const b = find(other);
      if (a === b) continue;
      if (leads(a, b)) parent.set(b, a);
      else parent.set(a, b);
    }
  }
  return find;
}

/** Name of the case in which an order will end up among these cases: its smallest wearer's. */
export function caseIdWith(cases: readonly CaseState[], wearerId: PersonId): CaseId {
  const wearers = cases.flatMap((part) => part.orders.map((order) => order.wearerId));
  return caseIdOf([...wearers, wearerId].sort()[0]!);
}

export const caseIdOf = (leader: PersonId): CaseId => `case-${leader}` as CaseId;
export const SYSTEM_CASE = 'system' as CaseId;
