import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const PAGE_BYTES = 4096;

/** No disk that really writes is faster; less means that somewhere a cache answers for it. */
const HONEST_FSYNC_US_MIN = 20;

/** Median microseconds of a synced 4 KiB append in this folder. */
export function measureFsync(dir: string, appends = 200): number {
  const path = join(dir, `fsync-probe-${process.pid}`);
  const page = Buffer.alloc(PAGE_BYTES, 1);
  const timesUs: number[] = [];
  const file = openSync(path, 'w');
  try {
    for (let i = 0; i < appends; i++) {
      const startMs = performance.now();
      writeSync(file, page);
      fsyncSync(file);
      timesUs.push((performance.now() - startMs) * 1000);
    }
  } finally {
    closeSync(file);
    rmSync(path, { force: true });
  }
  return timesUs.sort((a, b) => a - b)[Math.floor(appends / 2)]!;
}

/** What to tell the administrator about a disk this fast; null when it is believable. */
export function fsyncWarning(medianUs: number): string | null {
  if (medianUs >= HONEST_FSYNC_US_MIN) return null;
  const figure = `a synced write takes ${medianUs.toFixed(1)} µs`;
  return `${figure}: this disk does not wait for its writes, a power failure may lose alerts`;
}
