import { closeSync, existsSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const FILE = 'ballast';
/** Room for ten thousand changes of alerts, when the disk has none left. (RELIABILITY §5) */
export const BALLAST_BYTES = 16 * 2 ** 20;
/** It is laid in only where it leaves room to work. */
const ROOM_PER_BALLAST = 3;
const PAGE = Buffer.alloc(2 ** 20, 1);

/**
 * A file that is thrown out when the disk is full: what comes free is for decisions alone, until
 * there is room again. Positions wait on the devices meanwhile.
 */
export interface Ballast {
  /** The disk is full, or nearly: only decisions are to be written. */
  isTight(): boolean;
  /** Called when a write found no room; false when there was nothing left to throw out. */
  throwOut(): boolean;
}

export function ballastIn(dataDir: string): Ballast {
  const path = join(dataDir, FILE);
  const roomBytes = (): number => {
    const { bavail, bsize } = statfsSync(dataDir);
    return bavail * bsize;
  };
  const layIn = (): void => {
    if (!existsSync(path) && roomBytes() >= ROOM_PER_BALLAST * BALLAST_BYTES) fill(path);
  };
  layIn();
  let tight = false;
  return {
    isTight() {
      if (tight && roomBytes() >= ROOM_PER_BALLAST * BALLAST_BYTES) {
        layIn();
        tight = false;
      }
      return tight;
    },
    throwOut() {
      tight = true;
      if (!existsSync(path)) return false;
      rmSync(path);
      return true;
    },
  };
}

/** Really written: a file of holes takes no room, and so gives none back. */
function fill(path: string): void {
  const file = openSync(path, 'w', 0o600);
  try {
    for (let bytes = 0; bytes < BALLAST_BYTES; bytes += PAGE.length) writeSync(file, PAGE);
    fsyncSync(file);
  } catch {
    rmSync(path, { force: true });
  } finally {
    closeSync(file);
  }
}
