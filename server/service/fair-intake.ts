import { deviceIn } from '../../shared/topics.ts';
import type { Meter } from '../ports.ts';
import { ALLOWANCE, MessageLane, tokensOf, type Waiting } from './message-lane.ts';

interface Parts {
  /** Resolves when the message may be acknowledged. */
  handle(topic: string, payload: Uint8Array): Promise<void>;
  isRegistered(deviceId: string): boolean;
  nowMs(): number;
  /** A device sends more than it may, or has calmed. */
  onFlood(about: string, standing: boolean): void;
  readonly meter: Pick<Meter, 'held'>;
}

/** So much of one device at once, then all others come first: about a millisecond of work. */
const TOKENS_PER_TURN = 16;
/** So long the loop works off what waits, then it looks at what came in. */
const SLICE_MS = 1;
/** Beyond its allowance a device is served no faster than the disk writes. */
const UNDER_WAY_MAX = 100;
/** A device that has recovered half of its burst has calmed; sooner, the alert would flicker. */
const CALM_LEVEL = 0.5;
/** Devices that nobody registered share one allowance: their names cost nothing to make up. */
const STRANGERS = 'unregistered';

/**
 * One device's flood must not delay another's warning. Within its allowance a message is handled at
 * once, unless its device had its share of this turn of the loop; beyond it, it waits in its
 * device's lane, and lanes are served by turns when nothing else waits. What does not fit in its
 * lane is refused without an answer, so that its sender keeps it.
 */
export class FairIntake {
  readonly #parts: Parts;
  readonly #lanes = new Map<string, MessageLane>();
  readonly #strangers = new MessageLane(STRANGERS);
  /** Lanes in which something waits, in the order of their turns. */
  readonly #within = new Set<MessageLane>();
  readonly #beyond = new Set<MessageLane>();
  readonly #flooding = new Set<MessageLane>();
  #turn = 0;
  #turnEnds = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  take(topic: string, payload: Uint8Array): Promise<void> {
    const lane = this.#laneOf(topic);
    const tokens = tokensOf(payload);
    this.#endTurnSoon();
    const atOnce =
      lane.isEmpty &&
      lane.takesTurn(tokens, this.#turn, TOKENS_PER_TURN) &&
      lane.bucket.spend(tokens, this.#parts.nowMs(), ALLOWANCE);
    return atOnce ? this.#parts.handle(topic, payload) : this.#wait(lane, topic, payload, tokens);
  }

  /** Looks who has calmed, and lets those go on whom a disk that hangs had stopped. */
  tick(): void {
    const nowMs = this.#parts.nowMs();
    if (this.#beyond.size > 0) this.#endTurnSoon();
    for (const lane of this.#flooding) {
      if (!lane.isEmpty || lane.bucket.levelAt(nowMs, ALLOWANCE) < CALM_LEVEL) continue;
      this.#flooding.delete(lane);
      this.#parts.onFlood(lane.about, false);
    }
  }

  #laneOf(topic: string): MessageLane {
    const deviceId = deviceIn(topic);
    const lane = this.#lanes.get(deviceId);
    if (lane) return lane;
    if (!this.#parts.isRegistered(deviceId)) return this.#strangers;
    const fresh = new MessageLane(deviceId);
    this.#lanes.set(deviceId, fresh);
    return fresh;
  }

  #wait(lane: MessageLane, topic: string, payload: Uint8Array, tokens: number): Promise<void> {
    const { meter } = this.#parts;
    return new Promise((resolve, reject) => {
      if (!lane.add({ topic, payload, tokens, resolve, reject })) {
        meter.held('refused');
        reject(new Error(`too many messages of ${lane.about} wait`));
        return;
      }
      meter.held('waited');
      if (!this.#beyond.has(lane)) this.#within.add(lane);
    });
  }

  #endTurnSoon(): void {
    if (this.#turnEnds) return;
    this.#turnEnds = true;
    setImmediate(() => this.#endTurn());
  }

  /** Everything that had come in was looked at: now what waits, for a moment. */
  #endTurn(): void {
    this.#turn += 1;
    this.#turnEnds = false;
    if (this.#within.size === 0 && this.#beyond.size === 0) return;
    const nowMs = this.#parts.nowMs();
    for (const lane of this.#beyond) {
      // Its allowance goes on while it floods.
      if (lane.bucket.levelAt(nowMs, ALLOWANCE) > 0) this.#within.add(lane);
    }
    const untilMs = performance.now() + SLICE_MS;
    do {
      const lane = this.#next();
      if (!lane) return;
      this.#serve(lane, nowMs);
    } while (performance.now() < untilMs);
    this.#endTurnSoon();
  }

  #next(): MessageLane | undefined {
    for (const lane of this.#within) return lane;
    for (const lane of this.#beyond) if (lane.underWay < UNDER_WAY_MAX) return lane;
    return undefined;
  }

  #serve(lane: MessageLane, nowMs: number): void {
    const isWithin = this.#within.delete(lane);
    if (isWithin && !lane.bucket.spend(lane.next!.tokens, nowMs, ALLOWANCE)) {
      this.#flood(lane);
      this.#beyond.add(lane);
      return;
    }
    this.#beyond.delete(lane);
    const message = lane.take();
    if (isWithin) this.#handle(message).then(message.resolve, message.reject);
    else this.#handleBeyond(lane, message);
    if (!lane.isEmpty) (isWithin ? this.#within : this.#beyond).add(lane);
  }

  #handleBeyond(lane: MessageLane, message: Waiting): void {
    const done = (): void => {
      lane.underWay -= 1;
      if (!lane.isEmpty) this.#endTurnSoon();
    };
    lane.underWay += 1;
    this.#handle(message).finally(done).then(message.resolve, message.reject);
  }

  #handle({ topic, payload }: Waiting): Promise<void> {
    return this.#parts.handle(topic, payload);
  }

  #flood(lane: MessageLane): void {
    if (this.#flooding.has(lane)) return;
    this.#flooding.add(lane);
    this.#parts.onFlood(lane.about, true);
  }
}
