import type { DeviceId } from '../../shared/ids.ts';
import { cleared, UNWATCHED } from './alert-lifecycle.ts';
import type { AlertChange } from './alert-record.ts';
import type { AskedInterval } from './asked-interval.ts';
import type { CaseState, Watch } from './case-state.ts';
import { DEFAULT_RULES } from './case-state.ts';
import { draftOf, recordOf, take } from './draft.ts';

/** A case without a device that somebody else carries from now on. */
export interface HandedOn {
  readonly from: CaseState;
  /** Its memory of faults, for their numbers must go on: alert ids never come twice. */
  readonly watches: ReadonlyMap<string, Watch>;
  /** What it was asked for: it goes on so until it is asked for something else. */
  readonly asked: readonly AskedInterval[];
  readonly changes: readonly AlertChange[];
}

/**
 * Its faults stop to stand, for nobody is left whose message could end them; what a person must
 * close stays. (SPEC CA4)
 */
export function handedOn(state: CaseState, deviceId: DeviceId, atMs: number): HandedOn {
  const draft = draftOf(state, DEFAULT_RULES, atMs);
  const watches = new Map<string, Watch>();
  for (const [key, watch] of state.watches) {
    if (!key.startsWith(`device:${deviceId}/`)) continue;
    watches.set(key, { ...UNWATCHED, episode: watch.episode });
    const record = recordOf(draft, watch);
    if (record?.standing) take(draft, key, cleared(watch, record, atMs));
  }
  draft.state.devices = state.devices.filter(({ device }) => device.deviceId !== deviceId);
  draft.state.watches = new Map([...draft.state.watches].filter(([key]) => !watches.has(key)));
  const asked = state.asked.filter((each) => each.deviceId === deviceId);
  draft.state.asked = state.asked.filter((each) => each.deviceId !== deviceId);
  return { from: draft.state, watches, asked, changes: draft.changes };
}
