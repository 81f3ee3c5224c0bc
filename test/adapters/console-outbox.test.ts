import { PassThrough } from 'node:stream';
import type { WebSocket } from 'ws';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  BEHIND_BYTES_MAX,
  BEHIND_MAX_MS,
  type Outbox,
  OUTBOX_BYTES_MAX,
  outboxOf,
} from '../../server/adapters/console-outbox.ts';

/** A socket that takes what it is handed, and passes it on when the test says so. */
function fakeSocket() {
  const handed: { bytes: Buffer; done: () => void }[] = [];
  const frames: string[] = [];
  let text = '';
  const socket = {
    bufferedAmount: 0,
    send(bytes: Buffer, { fin }: { fin: boolean }, done: () => void): void {
      socket.bufferedAmount += bytes.length;
      handed.push({ bytes, done });
      text += bytes.toString();
      if (fin) {
        frames.push(text);
        text = '';
      }
    },
  };
  /** The other side reads up to so many bytes, whole pieces of them. */
  async function read(bytes: number): Promise<void> {
    let left = bytes;
    while (handed.length > 0 && handed[0]!.bytes.length <= left) {
      const { bytes: piece, done } = handed.shift()!;
      left -= piece.length;
      socket.bufferedAmount -= piece.length;
      done();
      await turn();
    }
  }
  return { socket: socket as unknown as WebSocket, frames, handed, read };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const frameOf = (bytes: number, text = 'x'): Buffer => Buffer.from(text.repeat(bytes));
const MIB = 2 ** 20;

let far: ReturnType<typeof fakeSocket>;
let outbox: Outbox;

beforeEach(() => {
  far = fakeSocket();
  outbox = outboxOf(far.socket, new PassThrough());
});

/** Is it behind at some second until then? The far side reads so much each second. */
async function isDropped(seconds: number, bytesPerS = 0): Promise<number | null> {
  for (let s = 0; s <= seconds; s++) {
    if (outbox.isBehind(s * 1_000)) return s;
    await far.read(bytesPerS);
  }
  return null;
}

describe('frames', () => {
  test('leave in the turn in which they were offered, whole and in order', async () => {
    const sizes = [10, 300_000, 1, 70_000, 65_536, 65_537];
    const frames = sizes.map((size, i) => frameOf(size, String(i)));
    for (const frame of frames) expect(outbox.offer(frame)).toBe(true);
    await turn();
    await far.read(2 * MIB);
    expect(far.frames).toEqual(frames.map(String));
    expect(outbox.waitingBytes).toBe(0);
  });

  test('are shared: what waits for a console is no copy', async () => {
    const frame = frameOf(100_000);
    outbox.offer(frame);
    await turn();
    for (const { bytes } of far.handed) expect(bytes.buffer).toBe(frame.buffer);
  });

  test('are handed over no faster than they are taken, so that a ping gets through', async () => {
    for (let i = 0; i < 100; i++) outbox.offer(frameOf(50_000));
    await turn();
    const handed = (): number => far.handed.reduce((sum, { bytes }) => sum + bytes.length, 0);
    expect(handed()).toBeLessThan(MIB / 2);
    await far.read(1_000_000);
    expect(handed()).toBeLessThan(MIB / 2);
    expect(outbox.waitingBytes).toBe(4_000_000);
  });

  test('of which 32 have gathered do not wait for the end of the turn', () => {
    for (let i = 0; i < 31; i++) outbox.offer(frameOf(10));
    expect(far.frames).toHaveLength(0);
    outbox.offer(frameOf(10));
    expect(far.frames).toHaveLength(32);
  });

  test('beyond the hard limit are not taken', async () => {
    let offered = 0;
    while (outbox.offer(frameOf(MIB))) offered += 1;
    expect(offered).toBe(OUTBOX_BYTES_MAX / MIB + 1);
    await far.read(2 * MIB);
    expect(outbox.offer(frameOf(MIB))).toBe(true);
  });

  test('that were dropped are not sent any more', async () => {
    for (let i = 0; i < 50; i++) outbox.offer(frameOf(50_000));
    await turn();
    outbox.drop();
    await far.read(50 * 50_000);
    expect(far.frames.length).toBeLessThan(10);
    expect(outbox.waitingBytes).toBe(0);
  });
});

describe('[WS4] a console is behind', () => {
  test('when more than the limit has waited for ten seconds without a break', async () => {
    for (let i = 0; i < 3; i++) outbox.offer(frameOf(MIB));
    expect(await isDropped(20)).toBe(BEHIND_MAX_MS / 1_000);
  });

  test('though it reads a kilobyte a second', async () => {
    for (let i = 0; i < 2_000; i++) outbox.offer(frameOf(1_024));
    expect(await isDropped(20, 1_024)).toBe(BEHIND_MAX_MS / 1_000);
  });

  test('not with a little less than the limit, however long', async () => {
    outbox.offer(frameOf(BEHIND_BYTES_MAX));
    expect(await isDropped(600)).toBeNull();
  });

  test('not when there was a break', async () => {
    for (let s = 0; s < 60; s++) {
      if (s % 9 === 0) for (let i = 0; i < 40; i++) outbox.offer(frameOf(50_000));
      await turn();
      expect(outbox.isBehind(s * 1_000)).toBe(false);
      if (s % 9 === 8) await far.read(4 * MIB);
    }
  });

  test('not while its snapshot moves by a megabyte in ten seconds', async () => {
    outbox.offer(frameOf(20 * MIB));
    outbox.beginCatchUp();
    expect(outbox.offer(frameOf(10))).toBe(true);
    expect(await isDropped(60, 200_000)).toBeNull();
  });

  test('when its snapshot does not move', async () => {
    outbox.offer(frameOf(20 * MIB));
    outbox.beginCatchUp();
    expect(await isDropped(60, 70_000)).toBe(BEHIND_MAX_MS / 1_000);
  });
});

describe('a console has moved', () => {
  test('when it took what was waiting, and not when the socket took something new', async () => {
    expect(outbox.moved()).toBe(false);
    outbox.offer(frameOf(100));
    await turn();
    expect(outbox.moved()).toBe(false);
    expect(outbox.moved()).toBe(false);
    await far.read(100);
    expect(outbox.moved()).toBe(true);
    outbox.offer(frameOf(100));
    await turn();
    await far.read(100);
    expect(outbox.moved()).toBe(false);
  });
});
