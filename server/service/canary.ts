import { randomBytes } from 'node:crypto';
import type { Alert } from '../../shared/alert.ts';
import { isOpen } from '../../shared/alert.ts';
import { toInstant } from '../../shared/instant.ts';
import type { Alarms, Clock, Entry } from '../ports.ts';
import { CANARY_VICTIM, CANARY_WEARER } from './canary-pair.ts';

/** They meet once a minute; what breaks is known before the second beat should have come. */
export const BEAT_EVERY_MS = 60_000;
/** Consoles hear of a breach within a second; who takes so long is not late but broken. */
export const BEAT_WITHIN_MS = 30_000;
/** Long enough for a slow server to see them together, short enough to be well apart by the end. */
const LEAVE_AFTER_MS = 10_000;
/** By then they have been apart for the 30 s after which an alert clears. (SPEC EP6) */
const CLOSE_AFTER_MS = 52_000;
/** Links come up first. */
const FIRST_BEAT_AFTER_MS = 3_000;
const LOOK_EVERY_MS = 500;

/** In the Atlantic where both meridians begin: nobody is there, and no zone of a court. */
const MEETING_PLACE = { lat: 0, lon: 0 };
/** 700 m further east, at a speed that a car can have. */
const APART_LON = 0.0063;
const ACCURACY_M = 5;

/** The world as the canary touches it: the real broker and the real console feed. */
export interface CanaryWorld {
  /** Publishes as a device does. */
  send(deviceId: string, position: Readonly<Record<string, unknown>>): void;
  /** Open alerts of the pair, as the server has them. */
  openAlerts(): readonly Alert[];
  close(alertId: string): void;
}

interface Beat {
  readonly atMs: number;
  /** What has not come back yet. */
  readonly waiting: Set<'ack-wearer' | 'ack-victim' | 'console'>;
  readonly wearerSeq: number;
  readonly victimSeq: number;
  step: 'met' | 'left' | 'closed';
  outcome: 'open' | 'proven' | 'missed';
}

const TOLD: Record<'ack-wearer' | 'ack-victim' | 'console', string> = {
  'ack-wearer': 'no acknowledgement of the wearer: broker, evaluation or store',
  'ack-victim': 'no acknowledgement of the victim: broker, evaluation or store',
  console: 'no alert on the console feed',
};

/** Lets the pair meet, and tells when that does not come through. (SPEC PO1, PO2) */
export class Canary {
  readonly #parts: { clock: Clock; alarms: Alarms; world: CanaryWorld; write(entry: Entry): void };
  /** Of this process: its numbers begin anew. */
  readonly #boot = randomBytes(4).toString('hex');
  #seq = 0;
  #beat: Beat | null = null;
  #nextMs = 0;
  #provenAtMs: number | null = null;

  constructor(parts: {
    clock: Clock;
    alarms: Alarms;
    world: CanaryWorld;
    write(entry: Entry): void;
  }) {
    this.#parts = parts;
  }

  /** When the whole chain was last seen to work. */
  get provenAtMs(): number | null {
    return this.#provenAtMs;
  }

  start(): () => void {
    const { clock } = this.#parts;
    this.#nextMs = clock.nowMs() + FIRST_BEAT_AFTER_MS;
    return clock.every(LOOK_EVERY_MS, () => this.#look());
  }

  /** The server has acknowledged: broker, evaluator and store did their part. */
  acknowledged(deviceId: string, seqs: readonly number[], boot: string | null): void {
    const beat = this.#beat;
    if (beat === null || boot !== this.#boot) return;
    if (deviceId === CANARY_WEARER.deviceId && seqs.includes(beat.wearerSeq)) {
      this.#back('ack-wearer');
    }
    if (deviceId === CANARY_VICTIM.deviceId && seqs.includes(beat.victimSeq)) {
      this.#back('ack-victim');
    }
  }

  /** A console got this alert. */
  shown(alert: Alert): void {
    const beat = this.#beat;
    const now = beat !== null && Date.parse(alert.updatedAt) >= beat.atMs - LOOK_EVERY_MS;
    if (now && alert.stage === 'breach' && alert.state === 'unacknowledged') this.#back('console');
  }

  #back(what: 'ack-wearer' | 'ack-victim' | 'console'): void {
    const beat = this.#beat!;
    beat.waiting.delete(what);
    if (beat.waiting.size > 0 || beat.outcome !== 'open') return;
    const atMs = this.#parts.clock.nowMs();
    beat.outcome = 'proven';
    this.#provenAtMs = atMs;
    this.#parts.write({ type: 'beat', atMs: beat.atMs, tookMs: atMs - beat.atMs });
    this.#parts.alarms.report({ code: 'canary-missed', standing: false, detail: '' });
  }

  #look(): void {
    const nowMs = this.#parts.clock.nowMs();
    const beat = this.#beat;
    if (beat !== null) this.#goOn(beat, nowMs - beat.atMs);
    if (nowMs < this.#nextMs) return;
    this.#nextMs = nowMs + BEAT_EVERY_MS;
    this.#meet(nowMs);
  }

  #goOn(beat: Beat, sinceMs: number): void {
    if (beat.outcome === 'open' && sinceMs >= BEAT_WITHIN_MS) this.#miss(beat);
    if (beat.step === 'met' && sinceMs >= LEAVE_AFTER_MS) {
      beat.step = 'left';
      this.#send(CANARY_WEARER.deviceId, { ...MEETING_PLACE, lon: APART_LON });
    }
    if (beat.step === 'left' && sinceMs >= CLOSE_AFTER_MS) {
      beat.step = 'closed';
      const { openAlerts, close } = this.#parts.world;
      for (const alert of openAlerts()) if (isOpen(alert)) close(alert.alertId);
    }
  }

  #meet(atMs: number): void {
    const [victimSeq, wearerSeq] = [this.#seq + 1, this.#seq + 2];
    const waiting = new Set(['ack-wearer', 'ack-victim', 'console'] as const);
    this.#beat = { atMs, waiting, wearerSeq, victimSeq, step: 'met', outcome: 'open' };
    this.#send(CANARY_VICTIM.deviceId, MEETING_PLACE);
    this.#send(CANARY_WEARER.deviceId, MEETING_PLACE);
  }

  #miss(beat: Beat): void {
    beat.outcome = 'missed';
    this.#parts.write({ type: 'beat', atMs: beat.atMs, tookMs: null });
    const detail = [...beat.waiting].map((what) => TOLD[what]).join('; ');
    this.#parts.alarms.report({ code: 'canary-missed', standing: true, detail });
  }

  #send(deviceId: string, place: { lat: number; lon: number }): void {
    this.#seq += 1;
    const seq = this.#seq;
    const time = toInstant(this.#parts.clock.nowMs());
    const position = { seq, boot: this.#boot, time, ...place, accuracy: ACCURACY_M };
    this.#parts.world.send(deviceId, position);
  }
}
