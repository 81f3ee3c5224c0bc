import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BanId } from '../../shared/ids.ts';
import {
  type Life,
  lifeOf,
  type LifeVersion,
  type OrderStep,
  putOf,
  stepOf,
  zoneOf,
} from '../../server/core/order-life.ts';
import { APART, orderOf } from '../support/given.ts';

const UNDRAWN = { banId: 'b2', kind: 'location-ban', place: 'Dorpsstraat 1' };
const PERSONS = ['cjib', 'other-client', 'bea', 'carl'];

interface Deed {
  readonly by: string;
  readonly does: OrderStep | 'put' | 'zone';
  readonly metres: number;
}

const deed = fc.record({
  by: fc.constantFrom(...PERSONS),
  does: fc.constantFrom<Deed['does'][]>(
    'put',
    'zone',
    'approval',
    'rejection',
    'suspension',
    'resumption',
    'withdrawal',
  ),
  metres: fc.constantFrom(100, 500, 900),
});

/** One version more, or none where the deed is refused or changes nothing. */
function done(versions: readonly LifeVersion[], { by, does, metres }: Deed): LifeVersion[] {
  const life = lifeOf(versions);
  const next = nextOf(life, by, does, metres);
  if (next === null || !next.ok || next.value.kind === 'unchanged') return [...versions];
  const { order, status, cause } = next.value;
  return [...versions, { version: versions.length + 1, order, status, cause, by }];
}

function nextOf(life: Life | null, by: string, does: Deed['does'], metres: number) {
  const seen = life?.newest.version ?? null;
  if (does === 'put') {
    const order = orderOf([{ ...APART, distanceM: metres }, UNDRAWN]);
    return putOf(life, order, seen, true);
  }
  if (life === null) return null;
  if (does !== 'zone') return stepOf(life, does, by, seen, true);
  const zone = { type: 'Circle' as const, center: [5, 52] as [number, number], radiusM: metres };
  return zoneOf(life, { banId: 'b2' as BanId, zone }, seen, true);
}

/** Read off the versions alone: who had a hand in what lies between the last text and this. */
function handsIn(versions: readonly LifeVersion[]): Set<string> {
  const decided = versions.findLastIndex(({ status }) => status !== 'awaiting-approval');
  return new Set(versions.slice(decided + 1).map(({ by }) => by));
}

test('[OR5] [OR8] whatever is done in whatever order, nothing that protects goes without two persons', () => {
  let taken = 0;
  fc.assert(
    fc.property(fc.array(deed, { minLength: 5, maxLength: 40 }), (deeds) => {
      let versions: LifeVersion[] = [];
      for (const each of deeds) {
        const before = lifeOf(versions)?.standing ?? null;
        const after = done(versions, each);
        const standing = lifeOf(after)?.standing ?? null;
        const same =
          JSON.stringify([before?.status, before?.order]) ===
          JSON.stringify([standing?.status, standing?.order]);
        if (!same && each.does !== 'resumption') {
          taken++;
          expect(each.does).toBe('approval');
          // A text put anew takes the place of what waited before it, its writers with it.
          const since = versions.findLastIndex(({ cause }) => cause === 'put');
          const hands = handsIn(since < 0 ? versions : versions.slice(since));
          expect(hands.size).toBeGreaterThan(0);
          expect(hands).not.toContain(each.by);
        }
        versions = after;
      }
    }),
    { numRuns: 2_000, seed: 20261126 },
  );
  expect(taken).toBeGreaterThan(300);
});

test('[OR6] what is over stays over', () => {
  fc.assert(
    fc.property(fc.array(deed, { minLength: 5, maxLength: 40 }), (deeds) => {
      let versions: LifeVersion[] = [];
      for (const each of deeds) {
        const over = versions.at(-1)?.status === 'withdrawn';
        const after = done(versions, each);
        if (over) expect(after).toEqual(versions);
        versions = after;
      }
    }),
    { numRuns: 300, seed: 20261126 },
  );
});
