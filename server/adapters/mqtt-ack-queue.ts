/** Called once, in arrival order: may the message be acknowledged? */
export type Answer = (durable: boolean) => void;

interface Held {
  readonly answer: Answer;
  readonly sinceMs: number;
  /** Null while the write is under way. */
  durable: boolean | null;
}

/**
 * One client's acknowledgements. MQTT wants them in the order of the messages, whatever the order
 * in which the writes end. [MQTT-4.6.0-2]
 */
export interface AckQueue {
  /** Number of messages not answered yet. */
  readonly held: number;
  add(sinceMs: number, written: Promise<void>, answer: Answer): void;
  /** Answers all that waits since before this instant with "not durable". */
  giveUp(beforeMs: number): void;
}

export function ackQueue(): AckQueue {
  const queue: Held[] = [];

  const answerReady = (): void => {
    while (queue.length > 0 && queue[0]!.durable !== null) {
      const { answer, durable } = queue.shift()!;
      answer(durable!);
    }
  };
  return {
    get held() {
      return queue.length;
    },
    add(sinceMs, written, answer) {
      const held: Held = { answer, sinceMs, durable: null };
      queue.push(held);
      const settle = (durable: boolean): void => {
        held.durable ??= durable;
        answerReady();
      };
      written.then(
        () => settle(true),
        () => settle(false),
      );
    },
    giveUp(beforeMs) {
      for (const held of queue) {
        if (held.sinceMs < beforeMs) held.durable ??= false;
      }
      answerReady();
    },
  };
}
