import type { Bus, BusHandlers } from '../ports.ts';

/**
 * Evaluating waits no longer than this for what the network has meanwhile: some thirty technical
 * messages, and a breach behind them is heard.
 */
const SLICE_MS = 5;
/** Beyond this nothing waits any longer: what is held costs memory and keeps its sender waiting. */
export const TECHNICAL_WAITING_MAX = 20_000;
/** An event is a hundred bytes; what is longer is not looked into. */
const LOOKED_INTO_BYTES_MAX = 1_024;

/** What asks for nobody's hurry, as it stands in the payload of an event. */
const TECHNICAL = ['"battery-low"', '"charging"', '"beacon-in-range"', '"beacon-out-of-range"'];

interface Waiting {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly settle: (handled: Promise<void>) => void;
}

/**
 * Lets all other messages overtake technical events: ten thousand low batteries that the network
 * brings at once are taken in slices, and between them whatever else has come. Among themselves
 * they keep their order. They are evaluated, recorded and acknowledged as always, only later, so a
 * replay sees what the live server saw.
 */
export function withTechnicalLane(bus: Bus): Bus {
  return {
    start: (handlers) => bus.start(laned(handlers)),
    publish: (topic, payload) => bus.publish(topic, payload),
    close: () => bus.close(),
  };
}

function laned(handlers: BusHandlers): BusHandlers {
  let waiting: Waiting[] = [];
  const takeSlice = (): void => {
    const untilMs = performance.now() + SLICE_MS;
    let taken = 0;
    while (taken < waiting.length && performance.now() < untilMs) {
      const { topic, payload, settle } = waiting[taken]!;
      taken += 1;
      // The constructor turns a throw into a rejection.
      settle(new Promise((resolve) => resolve(handlers.onMessage(topic, payload))));
    }
    waiting = waiting.slice(taken);
    // After the network was looked at once more.
    if (waiting.length > 0) setImmediate(takeSlice);
  };
  return {
    onLink: (state, detail) => handlers.onLink(state, detail),
    onSessionLost: (...facts) => handlers.onSessionLost(...facts),
    onMessage(topic, payload) {
      if (!isTechnical(topic, payload) || waiting.length >= TECHNICAL_WAITING_MAX) {
        return handlers.onMessage(topic, payload);
      }
      return new Promise((settle) => {
        waiting.push({ topic, payload, settle });
        if (waiting.length === 1) setImmediate(takeSlice);
      });
    },
  };
}

/** A guess at a glance, for only reading it tells: a wrong one costs a moment of waiting. */
function isTechnical(topic: string, payload: Uint8Array): boolean {
  if (payload.length > LOOKED_INTO_BYTES_MAX) return false;
  if (!topic.endsWith('/event')) return false;
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  return TECHNICAL.some((kind) => text.includes(kind));
}
