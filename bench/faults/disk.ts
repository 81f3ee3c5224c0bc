import { execFileSync } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A small disk of its own, ext4 on a file, on which anything may go wrong. */
export interface Disk {
  /** A folder on it. */
  readonly dataDir: string;
  /** Cuts its power: what was not synced is gone, and every write fails from now on. */
  cutPower(): void;
  /** After a power cut, when nobody uses it any more: the journal is recovered. */
  powerOn(): void;
  /** Takes all the room that is left. */
  fill(): void;
  /** Takes room until so large a share of the whole disk is used. */
  fillTo(share: number): void;
  /** Gives back what was taken. */
  makeRoom(): void;
  close(): void;
}

const MB = 2 ** 20;
/** Large steps first, then down to single blocks: nothing fits in beside it. */
const FILL_BYTES: readonly number[] = [4 * MB, 64 * 1024, 4096];

/**
 * _IOR('X', 125, __u32) with EXT4_GOING_FLAGS_NOLOGFLUSH: the file system stops as in a power cut,
 * with what its journal has on disk and no more.
 */
const CUT_POWER =
  'open(my $f, "<", $ARGV[0]) or die $!; my $flag = pack("L", 2); ' +
  'ioctl($f, 0x8004587D, $flag) or die $!';

const run = (program: string, ...args: string[]): void =>
  void execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });

/** Why no such disk can be had; null when it can. */
export function noDisk(): string | null {
  try {
    openDisk(16).close();
    return null;
  } catch (error) {
    return `no disk of our own can be mounted: ${String((error as Error).message)
      .split('\n')
      .at(-1)}`;
  }
}

/** Throws where loop devices or mounting are not permitted. */
export function openDisk(sizeMb: number): Disk {
  const dir = mkdtempSync(join(tmpdir(), 'cordon-disk-'));
  const image = join(dir, 'image');
  const at = join(dir, 'mounted');
  mkdirSync(at);
  const mount = (): void => run('mount', '-o', 'loop', image, at);
  try {
    run('truncate', '--size', String(sizeMb * MB), image);
    // No part of it is kept back for root.
    run('mkfs.ext4', '-q', '-F', '-m', '0', image);
    mount();
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
  const dataDir = join(at, 'data');
  mkdirSync(dataDir);
  let filler: number | null = null;
  return {
    dataDir,
    cutPower: () => run('perl', '-e', CUT_POWER, at),
    powerOn() {
      run('umount', at);
      mount();
    },
    fill() {
      filler ??= openSync(join(at, 'filler'), 'a');
      fillWith(filler);
    },
    fillTo(share) {
      filler ??= openSync(join(at, 'filler'), 'a');
      const { blocks, bavail, bsize } = statfsSync(at);
      const bytes = (share * blocks - (blocks - bavail)) * bsize;
      const block = Buffer.alloc(FILL_BYTES[1]!, 1);
      for (let taken = 0; taken < bytes; taken += block.length) writeSync(filler, block);
    },
    makeRoom() {
      if (filler === null) return;
      ftruncateSync(filler);
      closeSync(filler);
      filler = null;
    },
    close() {
      if (filler !== null) closeSync(filler);
      run('umount', at);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function fillWith(file: number): void {
  for (const bytes of FILL_BYTES) {
    const block = Buffer.alloc(bytes, 1);
    try {
      for (;;) writeSync(file, block);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
}
