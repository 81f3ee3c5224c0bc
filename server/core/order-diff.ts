import type { Ban, CourtOrder, OrderException } from '../../shared/court-order.ts';
import type { BanId } from '../../shared/ids.ts';
import { fromInstant } from '../../shared/instant.ts';
import type { OrderChange, Protection } from '../../shared/order-preview.ts';
import { banChanges } from './ban-diff.ts';

/**
 * What a new text of an order changes, and what each change does to the protection of the victim.
 * Bans are the same when their ids are, exceptions when they excuse the same bans at the same time;
 * so their order says nothing. (SPEC PV4)
 */
export function orderChanges(before: CourtOrder, after: CourtOrder): OrderChange[] {
  // The same both ways, for a week in two time zones must not depend on which text is the newer.
  const atMs = Math.max(fromInstant(before.validFrom), fromInstant(after.validFrom));
  return [
    ...headChanges(before, after),
    ...before.bans.flatMap((ban, index) => {
      if (after.bans.some(({ banId }) => banId === ban.banId)) return [];
      return [removed(`/bans/${index}`, ban.banId, ban, isEnforceable(ban) ? 'less' : 'same')];
    }),
    ...after.bans.flatMap((ban, index) => {
      const old = before.bans.find(({ banId }) => banId === ban.banId);
      const pointer = `/bans/${index}`;
      if (old) return banChanges(old, ban, pointer, atMs);
      return [added(pointer, ban.banId, ban, isEnforceable(ban) ? 'more' : 'same')];
    }),
    ...exceptionChanges(before, after),
  ];
}

/** What nobody has drawn yet protects nobody, and its loss costs nothing. */
const isEnforceable = (ban: Ban): boolean => ban.kind === 'contact-ban' || ban.zone != null;

const PLAIN = { zone: null, hoursPerWeek: null };

const added = (
  pointer: string,
  banId: BanId | null,
  after: unknown,
  protection: Protection,
): OrderChange => ({ pointer, banId, what: 'added', before: null, after, protection, ...PLAIN });

const removed = (
  pointer: string,
  banId: BanId | null,
  before: unknown,
  protection: Protection,
): OrderChange => ({ pointer, banId, what: 'removed', before, after: null, protection, ...PLAIN });

type Effect = (before: string, after: string) => Protection;

const laterIs =
  (later: Protection, earlier: Protection): Effect =>
  (before, after) =>
    fromInstant(after) > fromInstant(before) ? later : earlier;

const HEAD: readonly [
  'reference' | 'legalBasis' | 'text' | 'wearerId' | 'validFrom' | 'validUntil',
  Effect,
][] = [
  ['reference', () => 'same'],
  ['legalBasis', () => 'same'],
  ['text', () => 'same'],
  ['wearerId', () => 'mixed'],
  ['validFrom', laterIs('less', 'more')],
  ['validUntil', laterIs('more', 'less')],
];

function headChanges(before: CourtOrder, after: CourtOrder): OrderChange[] {
  return HEAD.flatMap(([field, effect]): OrderChange[] => {
    const [old, now] = [before[field] ?? null, after[field] ?? null];
    const isInstant = field === 'validFrom' || field === 'validUntil';
    const same = isInstant ? fromInstant(old!) === fromInstant(now!) : old === now;
    if (same) return [];
    const what = old === null ? 'added' : now === null ? 'removed' : 'changed';
    const protection = effect(old ?? '', now ?? '');
    const change = { pointer: `/${field}`, banId: null, what, before: old, after: now } as const;
    return [{ ...change, protection, ...PLAIN }];
  });
}

/** An exception may come twice; each is then matched once. */
function exceptionChanges(before: CourtOrder, after: CourtOrder): OrderChange[] {
  const left = new Map<string, number[]>();
  const [old, now] = [before.exceptions ?? [], after.exceptions ?? []];
  for (const [index, exception] of old.entries()) {
    left.set(keyOf(exception), [...(left.get(keyOf(exception)) ?? []), index]);
  }
  const effect = effectOfExceptions(before, after);
  const changes: OrderChange[] = [];
  for (const [index, exception] of now.entries()) {
    const match = left.get(keyOf(exception))?.shift();
    const pointer = `/exceptions/${index}`;
    if (match === undefined) {
      changes.push(added(pointer, onlyBan(exception), exception, effect(exception, 'less')));
    } else if ((old[match]!.reason ?? null) !== (exception.reason ?? null)) {
      changes.push(reasonChange(`${pointer}/reason`, old[match]!, exception));
    }
  }
  for (const index of [...left.values()].flat()) {
    const exception = old[index]!;
    const pointer = `/exceptions/${index}`;
    changes.push(removed(pointer, onlyBan(exception), exception, effect(exception, 'more')));
  }
  return changes;
}

function reasonChange(pointer: string, old: OrderException, now: OrderException): OrderChange {
  const [before, after] = [old.reason ?? null, now.reason ?? null];
  const what = before === null ? 'added' : after === null ? 'removed' : 'changed';
  return { pointer, banId: onlyBan(now), what, before, after, protection: 'same', ...PLAIN };
}

/** What only excuses from bans that come or go with it changes no ban that stays. */
function effectOfExceptions(before: CourtOrder, after: CourtOrder) {
  const staying = new Set(
    before.bans.map(({ banId }) => banId).filter((id) => after.bans.some((b) => b.banId === id)),
  );
  return ({ banIds }: OrderException, effect: Protection): Protection =>
    banIds.some((banId) => staying.has(banId)) ? effect : 'same';
}

const onlyBan = ({ banIds }: OrderException): BanId | null =>
  new Set(banIds).size === 1 ? banIds[0]! : null;

const keyOf = ({ banIds, from, until }: OrderException): string =>
  JSON.stringify([[...new Set(banIds)].toSorted(), fromInstant(from), fromInstant(until)]);
