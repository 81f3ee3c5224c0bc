import type { Call } from './selectors.ts';

/** One beep: frequency, when it starts, how long it lasts. */
type Beep = readonly [frequencyHz: number, startS: number, lengthS: number];

/** Told apart by direction as well as by pitch: rising is danger, falling is the line. */
const TUNES = {
  now: [
    [880, 0, 0.16],
    [1_175, 0.2, 0.16],
    [1_568, 0.4, 0.3],
  ],
  link: [
    [440, 0, 0.35],
    [294, 0.45, 0.5],
  ],
  soon: [
    [740, 0, 0.12],
    [740, 0.2, 0.12],
  ],
  test: [
    [660, 0, 0.15],
    [880, 0.2, 0.2],
  ],
} as const satisfies Record<string, readonly Beep[]>;
type Tune = keyof typeof TUNES;

const REPEAT_MS: Record<Exclude<Call, 'none'>, number> = { now: 1_600, link: 3_000 };
const VOLUME = 0.35;

export interface Sound {
  /** Must be called from a gesture: plays the test tone; false when there is no sound here. */
  unlock(): Promise<boolean>;
  /** Called at every tick; repeats the call that is due. */
  keep(call: Call, nowMs: number): void;
  /** Once, for what is new and not urgent. */
  chime(): void;
}

/** WebAudio, so that no file has to be loaded in the moment of need. */
export function pageSound(): Sound {
  let context: AudioContext | null = null;
  let last: { call: Call; atMs: number } = { call: 'none', atMs: 0 };
  const play = (tune: Tune): void => {
    if (context?.state !== 'running') return;
    for (const beep of TUNES[tune]) playBeep(context, beep);
  };
  return {
    async unlock() {
      try {
        context = new AudioContext();
        await context.resume();
        play('test');
        return context.state === 'running';
      } catch {
        return false;
      }
    },
    keep(call, nowMs) {
      if (call === 'none') {
        last = { call, atMs: nowMs };
        return;
      }
      if (last.call === call && nowMs - last.atMs < REPEAT_MS[call]) return;
      last = { call, atMs: nowMs };
      play(call);
    },
    chime: () => play('soon'),
  };
}

function playBeep(context: AudioContext, [frequencyHz, startS, lengthS]: Beep): void {
  const startsAt = context.currentTime + startS;
  const tone = context.createOscillator();
  const gain = context.createGain();
  tone.type = 'triangle';
  tone.frequency.value = frequencyHz;
  // A hard edge clicks, and a click is heard as a fault of the speaker.
  gain.gain.setValueAtTime(0, startsAt);
  gain.gain.linearRampToValueAtTime(VOLUME, startsAt + 0.01);
  gain.gain.setValueAtTime(VOLUME, startsAt + lengthS - 0.03);
  gain.gain.linearRampToValueAtTime(0, startsAt + lengthS);
  tone.connect(gain).connect(context.destination);
  tone.start(startsAt);
  tone.stop(startsAt + lengthS);
}
