import { describe, expect, test } from 'vitest';
import { caseBounds, circleRing, overlayOf } from '../../console/map-overlay.ts';
import { type ConsoleState, initialState } from '../../console/model.ts';
import { nearestPlace } from '../../console/nearest-place.ts';
import { WORDS } from '../../console/catalogue.ts';
import { distanceM } from '../../shared/geodesy.ts';
import { contactBan, homeZone, NOW_MS, positionOf, secondsAgo } from './fixtures.ts';

const state: ConsoleState = {
  ...initialState(NOW_MS),
  link: { state: 'live' },
  features: [positionOf('ankle-monitor'), positionOf('victim-device')],
  bans: [contactBan, homeZone],
};
const drawn = (of: ConsoleState, caseId: string | null) => overlayOf(of, caseId, WORDS.nl, 'nl');
const kindsOf = (of: ConsoleState, caseId: string | null): unknown[] =>
  drawn(of, caseId).areas.features.map(({ properties }) => properties?.['kind']);

describe('the map shows', () => {
  test('both persons with the age of each, and the distance between them', () => {
    const labels = drawn(state, 'case-1').markers.map(({ kind, letter, label }) => [
      kind,
      letter,
      label,
    ]);
    expect(labels).toEqual([
      ['wearer', 'D', 'Drager w-1 · 4 s oud'],
      ['victim', 'S', 'Slachtoffer v-1 · 9 s oud'],
      ['distance', '', '430 m'],
      ['zone', '', 'woning'],
    ]);
  });

  test('zones, both circles, the line and both uncertainties of the chosen case', () => {
    expect(kindsOf(state, 'case-1')).toEqual([
      'zone',
      'warning',
      'ban',
      'between',
      'wearer-accuracy',
      'victim-accuracy',
    ]);
  });

  test('of other cases only where they are', () => {
    expect(kindsOf(state, 'case-2')).toEqual(['zone', 'wearer-accuracy', 'victim-accuracy']);
    expect(drawn(state, 'case-2').markers.every(({ selected }) => !selected)).toBe(true);
  });

  test('nobody whom the server did not show', () => {
    expect(drawn({ ...state, features: [] }, 'case-1').markers.map(({ kind }) => kind)).toEqual([
      'zone',
    ]);
  });

  test('old positions as old, and every position as old without a link', () => {
    const stale = positionOf('ankle-monitor', { time: secondsAgo(91) });
    const freshness = (of: ConsoleState) => drawn(of, null).markers.map((one) => one.freshness);
    expect(freshness({ ...state, features: [stale] })).toEqual(['old']);
    expect(freshness({ ...state, link: { state: 'stale', sinceMs: 0 } })).toEqual(['old', 'old']);
  });
});

test('a drawn circle has its radius everywhere', () => {
  for (const [lon = 0, lat = 0] of circleRing([4.36, 52.01], 500)) {
    expect(distanceM(4.36, 52.01, lon, lat)).toBeCloseTo(500, 0);
  }
});

test('the chosen case is in sight with the whole forbidden distance', () => {
  const [west, south, east, north] = caseBounds(state, 'case-1') ?? [0, 0, 0, 0];
  expect(distanceM(west, (south + north) / 2, east, (south + north) / 2)).toBeCloseTo(1_000, -1);
  expect(caseBounds(state, 'case-2')).toBeNull();
});

describe('the nearest place', () => {
  const places = [
    { name: 'Delft', at: [4.36, 52.01] as const },
    { name: 'Utrecht', at: [5.12, 52.09] as const },
  ];
  test.each([
    [4.36, 52.02, 'Delft', 'n'],
    [4.38, 52.01, 'Delft', 'e'],
    [4.36, 52.0, 'Delft', 's'],
    [4.34, 52.01, 'Delft', 'w'],
    [4.346, 52.0186, 'Delft', 'nw'],
    [5.1, 52.08, 'Utrecht', 'sw'],
  ])('of %d, %d is %s, seen towards %s', (lon, lat, name, towards) => {
    expect(nearestPlace(places, lon, lat)).toMatchObject({ name, towards });
  });
  test('is not made up without places', () => {
    expect(nearestPlace([], 5, 52)).toBeNull();
  });
});
