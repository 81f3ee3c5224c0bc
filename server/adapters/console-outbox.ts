import type { WebSocket } from 'ws';

/** A console this far behind shows the past as if it were the present: it had better start over. */
export const OUTBOX_ITEMS_MAX = 5_000;
/** A snapshot of 5,000 open alerts takes about 8 MiB. Frames are shared between consoles. */
export const OUTBOX_BYTES_MAX = 16 * 2 ** 20;
/** With this much waiting, positions would be old on arrival: the next ones will do. */
const POSITIONS_BYTES_MAX = 64 * 1024;

/** What is under way to one console. */
export interface Outbox {
  /** False when the console is too far behind; then nothing was sent. */
  offer(frame: Buffer): boolean;
  isBusy(): boolean;
}

export function outboxOf(socket: WebSocket): Outbox {
  let unsent = 0;
  const done = (): void => {
    unsent -= 1;
  };
  return {
    offer(frame) {
      // A burst within one turn counts as unsent too, though the network takes it: hence the bytes.
      const stuck = socket.bufferedAmount > 0 && unsent >= OUTBOX_ITEMS_MAX;
      if (stuck || socket.bufferedAmount > OUTBOX_BYTES_MAX) return false;
      unsent += 1;
      socket.send(frame, { binary: false }, done);
      return true;
    },
    isBusy: () => socket.bufferedAmount > POSITIONS_BYTES_MAX,
  };
}
