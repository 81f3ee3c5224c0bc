import type { DeviceId } from '../../shared/ids.ts';
import type { PositionRow, Store } from '../ports.ts';

/**
 * The newest positions of some devices, a page of time at once, newest page first. A page is what
 * the store can sort and hand over without keeping a write waiting: its span follows how much is
 * recorded. (SPEC PV8)
 */
export const PREVIEW_POSITIONS_MAX = 200_000;
/** What he did earlier says little of what he does now. */
const DAYS_MAX = 92;
const PAGE_POSITIONS_MAX = 1_000;
const SPAN_MS_MAX = 6 * 3_600_000;
const SPAN_MS_FIRST = 3_600_000;
/** A device's clock may run ahead of ours. */
const CLOCK_AHEAD_MS = 60_000;

export async function* newestPositions(
  store: Pick<Store, 'positions'>,
  deviceIds: readonly DeviceId[],
  nowMs: number,
  positionsMax = PREVIEW_POSITIONS_MAX,
): AsyncGenerator<readonly PositionRow[]> {
  if (deviceIds.length === 0) return;
  const oldestMs = nowMs - DAYS_MAX * 86_400_000;
  let untilMs = nowMs + CLOCK_AHEAD_MS;
  let spanMs = SPAN_MS_FIRST;
  let taken = 0;
  while (untilMs >= oldestMs) {
    const fromMs = untilMs - spanMs + 1;
    const page = await store.positions({
      deviceIds,
      fromMs,
      untilMs,
      limit: PAGE_POSITIONS_MAX,
    });
    if (page.length === PAGE_POSITIONS_MAX && spanMs > 1) {
      spanMs = Math.max(1, Math.floor(spanMs / 2));
      continue;
    }
    // Whole pages only: then nothing is missing between the oldest position and now.
    if (taken + page.length > positionsMax) return;
    taken += page.length;
    if (page.length > 0) yield page;
    untilMs = fromMs - 1;
    if (page.length < PAGE_POSITIONS_MAX / 2) spanMs = Math.min(SPAN_MS_MAX, 2 * spanMs);
  }
}
