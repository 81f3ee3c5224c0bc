import fc from 'fast-check';
import { area as turfArea, polygon } from '@turf/turf';
import { describe, expect, test } from 'vitest';
import {
  changed,
  draftOf,
  inCrs,
  isTooRich,
  pastedPair,
  readDraft,
  textOf,
  undone,
  type ZoneText,
} from '../../console/zone-draft.ts';
import { areaM2 } from '../../console/zone-measure.ts';
import { distanceM } from '../../shared/geodesy.ts';
import type { Zone } from '../../shared/zone.ts';

const circle: Zone = { type: 'Circle', center: [5.1214, 52.0907], radiusM: 250 };
const triangle: Zone = {
  type: 'Polygon',
  coordinates: [
    [
      [5.1, 52.1],
      [5.12, 52.1],
      [5.11, 52.11],
      [5.1, 52.1],
    ],
  ],
};
const draft = draftOf('b2', null);
const read = (text: Partial<ZoneText>) => readDraft(changed(draft, { ...draft.text, ...text }));

describe('[AV8] what is typed', () => {
  test.each([
    ['degrees', { centre: ['5.1214', '52.0907'], radius: '250' }, []],
    ['with a decimal comma', { centre: ['5,1214', '52,0907'], radius: '250,5' }, []],
    ['in RD', { crs: 'rd', centre: ['136800', '455900'], radius: '250' }, []],
    ['swapped', { centre: ['52.09', '5.12'], radius: '250' }, [{ at: 'centre', why: 'swapped' }]],
    [
      'RD swapped',
      { crs: 'rd', centre: ['455900', '136800'], radius: '250' },
      [{ at: 'centre', why: 'swapped' }],
    ],
    [
      'RD with a point for thousands',
      { crs: 'rd', centre: ['136.800', '455.900'], radius: '250' },
      [{ at: 'centre', why: 'out-of-range' }],
    ],
    [
      'nothing',
      {},
      [
        { at: 'centre', why: 'no-number' },
        { at: 'radius', why: 'radius' },
      ],
    ],
    ['too wide', { centre: ['5.1', '52.1'], radius: '100001' }, [{ at: 'radius', why: 'radius' }]],
    [
      'two corners, one of them no number',
      {
        shape: 'polygon',
        corners: [
          ['5.1', '52.1'],
          ['5.2', 'x'],
        ],
      },
      [
        { at: 1, why: 'no-number' },
        { at: 'corners', why: 'too-few' },
      ],
    ],
  ] as [string, Partial<ZoneText>, object[]][])('%s', (_what, text, faults) => {
    expect(read(text).faults).toEqual(faults);
    expect(read(text).zone === null).toBe(faults.length > 0);
  });

  test('comes out as it went in', () => {
    for (const zone of [circle, triangle]) {
      expect(readDraft(draftOf('b2', zone)).zone).toEqual(zone);
    }
  });

  test('stays in its place when the numbers change their kind, within a decimetre', () => {
    const lonLat = fc.tuple(
      fc.double({ min: 3.4, max: 7.2, noNaN: true }),
      fc.double({ min: 50.8, max: 53.5, noNaN: true }),
    );
    fc.assert(
      fc.property(lonLat, ([lon, lat]) => {
        const zone: Zone = { type: 'Circle', center: [lon, lat], radiusM: 100 };
        const text = inCrs(inCrs(textOf(zone, draft.text), 'rd'), 'lonlat');
        const back = read(text).zone;
        if (back?.type !== 'Circle') throw new Error('a circle is a circle');
        expect(distanceM(lon, lat, back.center[0], back.center[1])).toBeLessThan(0.2);
      }),
    );
  });

  test.each([
    ['5.1214, 52.0907', ['5.1214', '52.0907']],
    ['5.1214,52.0907', ['5.1214', '52.0907']],
    ['5,1214; 52,0907', ['5,1214', '52,0907']],
    ['136800 455900', ['136800', '455900']],
    ['5,1214', null],
    ['Kerkstraat 12', null],
  ])('pasted: %s', (text, pair) => {
    expect(pastedPair(text)).toEqual(pair);
  });
});

describe('[AV8] a step back', () => {
  test('is one for all letters of a field, and one for each other change', () => {
    const typed = ['2', '25', '250'].reduce(
      (before, radius) => changed(before, { ...before.text, radius }, 'radius'),
      draft,
    );
    const shaped = changed(typed, { ...typed.text, shape: 'polygon' });
    expect(undone(shaped).text).toEqual(typed.text);
    expect(undone(undone(shaped)).text).toEqual(draft.text);
    expect(undone(draft)).toBe(draft);
  });
});

test('a zone with holes or parts is not edited here', () => {
  const [ring] = (triangle as Extract<Zone, { type: 'Polygon' }>).coordinates;
  expect(isTooRich({ type: 'Polygon', coordinates: [ring!, ring!] })).toBe(true);
  expect(isTooRich({ type: 'MultiPolygon', coordinates: [[ring!]] })).toBe(false);
  expect(draftOf('b2', { type: 'Polygon', coordinates: [ring!, ring!] }).text.corners).toEqual([]);
});

describe('areas', () => {
  test('agree with an oracle to half a percent', () => {
    if (triangle.type !== 'Polygon') throw new Error('a triangle is a polygon');
    const oracleM2 = turfArea(polygon(triangle.coordinates as number[][][]));
    expect(Math.abs(areaM2(triangle) / oracleM2 - 1)).toBeLessThan(0.005);
    expect(areaM2(circle)).toBeCloseTo(Math.PI * 250 ** 2, 6);
  });
});
