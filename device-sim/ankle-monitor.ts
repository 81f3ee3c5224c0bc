import type { DeviceTraits } from './device-traits.ts';

/**
 * Worn under trousers near the ground, feels its strap and its case, has no button and no screen.
 */
export const ANKLE_MONITOR: DeviceTraits = {
  kind: 'ankle-monitor',
  bodyFactor: 1.4,
  batteryLifeH: 60,
  fixCost: 1 / 40_000,
  tells: {
    'strap-cut': 'strap-tamper',
    'case-opened': 'case-tamper',
    charge: 'charging',
    'beacon-in-range': 'beacon-in-range',
    'beacon-out-of-range': 'beacon-out-of-range',
  },
  showsAfterMs: null,
};
