import type { DeviceId } from '../../shared/ids.ts';
import type { PositionQuery } from '../../server/kept.ts';
import type { PositionRow, Store } from '../../server/ports.ts';
import { T0_MS } from './store-samples.ts';

/** The store that a test of the contract works on, and how to open it anew. */
export interface Under {
  place: string;
  store: Store;
  reopen(): Promise<void>;
}

const ALL: PositionQuery = { deviceIds: [], fromMs: 0, untilMs: T0_MS * 2, limit: 100_000 };

export const positionsOf = (
  under: Under,
  ...deviceIds: string[]
): Promise<readonly PositionRow[]> =>
  under.store.positions({ ...ALL, deviceIds: deviceIds as DeviceId[] });
