import { describe, expect, test } from 'vitest';
import { type DevicesOf, enforcementOf } from '../../server/core/enforcement.ts';
import { lifeOf, type LifeVersion } from '../../server/core/order-life.ts';
import { ANKLE, APART, deviceOf, orderOf, PHONE, T0 } from '../support/given.ts';

const UNDRAWN = { banId: 'b2', kind: 'location-ban', place: 'Dorpsstraat 1' };
const text = orderOf([APART, UNDRAWN]);
const versionOf = (other: Partial<LifeVersion>, version = 1): LifeVersion => ({
  version,
  status: 'active',
  order: text,
  by: 'cjib',
  cause: 'put',
  ...other,
});
const BOTH = [ANKLE, PHONE];
const of =
  (devices: typeof BOTH): DevicesOf =>
  (personId) =>
    devices.filter((device) => device.personId === personId);

describe('is anybody held to it, and if not, why not', () => {
  // prettier-ignore
  test.each<[name: string, versions: Partial<LifeVersion>[], devices: typeof BOTH, atMs: number, contact: string[], zone: string[]]>([
    ['in force',               [{}],                                  BOTH,    T0, [], ['no-zone']],
    ['nobody approved it',     [{ status: 'awaiting-approval' }],     BOTH,    T0, ['awaiting-approval'], ['awaiting-approval', 'no-zone']],
    ['an amendment waits',     [{}, { status: 'awaiting-approval' }], BOTH,    T0, [], ['no-zone']],
    ['suspended',              [{ status: 'suspended' }],             BOTH,    T0, ['suspended'], ['suspended', 'no-zone']],
    ['withdrawn',              [{}, { status: 'withdrawn' }],         BOTH,    T0, ['over'], ['over', 'no-zone']],
    ['rejected',               [{ status: 'rejected' }],              BOTH,    T0, ['over'], ['over', 'no-zone']],
    ['before its first day',   [{}],                                  BOTH,    Date.parse(text.validFrom) - 1, ['not-yet-valid'], ['not-yet-valid', 'no-zone']],
    ['after its last day',     [{}],                                  BOTH,    Date.parse(text.validUntil), ['over'], ['over', 'no-zone']],
    ['he wears nothing',       [{}],                                  [PHONE], T0, ['no-ankle-monitor'], ['no-zone', 'no-ankle-monitor']],
    ['she carries nothing',    [{}],                                  [ANKLE], T0, ['no-victim-device'], ['no-zone']],
  ])('[OR12] %s', (_, versions, devices, atMs, contact, zone) => {
    const life = lifeOf(versions.map((other, i) => versionOf(other, i + 1)))!;
    expect(enforcementOf(life, of(devices), atMs)).toEqual([
      { banId: 'b1', enforced: contact.length === 0, reasons: contact },
      { banId: 'b2', enforced: false, reasons: zone },
    ]);
  });

  test('[OR12] a device that is not carried yet, or no longer, is none', () => {
    const later = deviceOf('a', 'ankle-monitor', 'w-1');
    const devices = of([
      { ...later, validFrom: '2026-11-24T00:00:00Z' },
      { ...deviceOf('b', 'victim-device', 'v-1'), validUntil: '2026-11-22T00:00:00Z' },
    ]);
    const reasons = (atMs: number) =>
      enforcementOf(lifeOf([versionOf({})])!, devices, atMs)[0]!.reasons;
    expect(reasons(T0)).toEqual(['no-ankle-monitor', 'no-victim-device']);
    expect(reasons(Date.parse('2026-11-24T00:00:00Z'))).toEqual(['no-victim-device']);
  });
});
