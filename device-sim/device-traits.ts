import type { DeviceEventKind } from '../shared/device-message.ts';
import type { DeviceKind } from '../shared/device.ts';
import type { Momentary } from './happening.ts';

/** What one kind of device is like; everything else about devices is the same for both. */
export interface DeviceTraits {
  readonly kind: DeviceKind;
  /** The body shades the antenna: the w of DOMAIN.md, "Position error". */
  readonly bodyFactor: number;
  readonly batteryLifeH: number;
  /** Share of a full battery that measuring and sending one fix costs. */
  readonly fixCost: number;
  /** The event by which the device tells of a happening; absent where it has no sense for it. */
  readonly tells: Partial<Record<Momentary['kind'], DeviceEventKind>>;
  /** How long until a message has been seen; null where there is no screen. */
  readonly showsAfterMs: number | null;
}
