import {
  type StalledMessage,
  signedText,
  type WellMessage,
} from '../../shared/watchdog-message.ts';
import { isSignedBy } from '../evidence/signature.ts';
import { type KnownServers, SERVERS_MAX, spelledKey } from './known-servers.ts';
import type { Nonces } from './nonces.ts';
import {
  beginVigil,
  hear,
  hearStranger,
  holdAgainst,
  type Limits,
  look,
  type Notice,
  type Report,
  reasonsOf,
  stateOf,
  type Vigil,
} from './vigil.ts';
import type { Witness } from './witness.ts';

/** Stands for all servers while there is none: who was never told anything knows nothing. */
export const NO_SERVER = '(no server)';

/** Why a message did not count. */
export type Refused = 'nonce' | 'signature' | 'key' | 'too-many-servers';

export interface WatchParts {
  readonly limits: Limits;
  /** Keys that may speak; null to learn each server's at first contact. */
  readonly keys: readonly string[] | null;
  /** Servers that must be heard, even if they never were. */
  readonly expected: readonly string[];
  readonly known: KnownServers;
  readonly witness: Witness;
  readonly nonces: Nonces;
  readonly notify: (serverId: string, notice: Notice) => void;
}

/** One server as `GET /` shows it; times in seconds, so that a reader needs no clock. */
export interface ServerView {
  readonly serverId: string;
  readonly state: 'well' | 'not-well' | 'silent';
  readonly reasons: readonly string[];
  readonly heardAgoS: number;
  readonly alarmForS: number | null;
  readonly checkpointSeq: number | null;
}

/** All servers of one watchdog: who counts as one of them, and what each said last. */
export class Watch {
  readonly #parts: WatchParts;
  readonly #vigils = new Map<string, Vigil>();

  constructor(parts: WatchParts, atMs: number) {
    this.#parts = parts;
    const { known, expected, witness } = parts;
    for (const serverId of new Set([...known.ids(), ...expected])) {
      this.#vigils.set(serverId, beginVigil(atMs, witness.fault(serverId)));
    }
    if (this.#vigils.size === 0) this.#vigils.set(NO_SERVER, beginVigil(atMs));
  }

  /** Takes `POST /well` in; null when it counts. */
  well(message: WellMessage, atMs: number): Refused | null {
    const refused = this.#admit(message, atMs);
    if (refused !== null) return refused;
    const isWitnessed = this.#witness(message, atMs);
    const { serverId, canaryAgeS, checkpoint } = message;
    const well = message.well && isWitnessed;
    const reasons = isWitnessed ? message.reasons : [...message.reasons, 'witness-failing'];
    const hasCheckpoint = checkpoint !== null;
    this.#hear(serverId, { type: 'well', well, reasons, canaryAgeS, hasCheckpoint }, atMs);
    return null;
  }

  /** Keeps the checkpoint; false when the disk of the watchdog does not take it. */
  #witness({ serverId, checkpoint }: WellMessage, atMs: number): boolean {
    if (checkpoint === null) return true;
    try {
      const fault = this.#parts.witness.see(serverId, checkpoint, atMs);
      if (fault) this.#vigils.set(serverId, holdAgainst(this.#vigilOf(serverId, atMs), fault));
      return true;
    } catch {
      return false;
    }
  }

  /** Takes `POST /stalled` in; null when it counts. */
  stalled(message: StalledMessage, atMs: number): Refused | null {
    const refused = this.#admit(message, atMs);
    if (refused === null) this.#hear(message.serverId, { type: 'stalled' }, atMs);
    return refused;
  }

  nonceFor(serverId: string, atMs: number): string {
    return this.#parts.nonces.give(serverId, atMs);
  }

  tick(atMs: number): void {
    for (const serverId of this.#vigils.keys()) this.#look(serverId, atMs);
  }

  view(atMs: number): ServerView[] {
    const { limits, witness } = this.#parts;
    return [...this.#vigils].map(([serverId, vigil]) => ({
      serverId,
      state: stateOf(vigil, atMs, limits),
      reasons: reasonsOf(vigil, atMs, limits),
      heardAgoS: Math.round((atMs - vigil.heardAtMs) / 1000),
      alarmForS: vigil.alarm && Math.round((atMs - vigil.alarm.sinceMs) / 1000),
      checkpointSeq: witness.newest(serverId)?.seq ?? null,
    }));
  }

  /** Signed, by the right key, over a nonce of ours that was never used. */
  #admit(message: WellMessage | StalledMessage, atMs: number): Refused | null {
    const { serverId, nonce, publicKey, signature } = message;
    const { nonces } = this.#parts;
    if (!isSignedBy(publicKey, signedText(message), signature)) return 'signature';
    if (!nonces.isGood(nonce, serverId, atMs)) return 'nonce';
    const refused = this.#recognise(serverId, spelledKey(publicKey)!, atMs);
    if (refused !== null) return refused;
    return nonces.spend(nonce, atMs) ? null : 'nonce';
  }

  #recognise(serverId: string, publicKey: string, atMs: number): Refused | null {
    const { keys, known } = this.#parts;
    const bound = known.keyOf(serverId);
    // A key that the watchdog was started without no longer binds anybody.
    const isBinding = bound !== null && (keys === null || keys.includes(bound));
    const mayLearn = keys === null || keys.includes(publicKey);
    if (isBinding ? bound === publicKey : mayLearn) {
      if (bound === publicKey) return null;
      const isKnown = this.#vigils.has(serverId) || known.ids().length < SERVERS_MAX;
      return isKnown && known.learn(serverId, publicKey, atMs) ? null : 'too-many-servers';
    }
    const vigil = this.#vigils.get(serverId);
    if (vigil) {
      this.#vigils.set(serverId, hearStranger(vigil, atMs));
      this.#look(serverId, atMs);
    }
    return 'key';
  }

  #hear(serverId: string, report: Report, atMs: number): void {
    this.#vigils.set(serverId, hear(this.#vigilOf(serverId, atMs), report, atMs));
    this.#look(serverId, atMs);
    this.#endNobody(atMs);
  }

  #vigilOf(serverId: string, atMs: number): Vigil {
    return this.#vigils.get(serverId) ?? beginVigil(atMs, this.#parts.witness.fault(serverId));
  }

  #look(serverId: string, atMs: number): void {
    const { vigil, notice } = look(this.#vigils.get(serverId)!, atMs, this.#parts.limits);
    this.#vigils.set(serverId, vigil);
    if (notice) this.#parts.notify(serverId, notice);
  }

  /** The first server that is heard ends the time in which there was none. */
  #endNobody(atMs: number): void {
    const alarm = this.#vigils.get(NO_SERVER)?.alarm;
    if (!this.#vigils.delete(NO_SERVER) || !alarm) return;
    const { told: reasons, sinceMs } = alarm;
    this.#parts.notify(NO_SERVER, { type: 'recovered', reasons, sinceMs, atMs });
  }
}
