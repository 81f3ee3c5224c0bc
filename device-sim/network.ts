import { hash32 } from '../shared/prng.ts';
import { drawsAt } from './draws.ts';
import { type Coverage, coverageAt, delaysMs, initialCoverage } from './uplink.ts';
import { UPLINK, type UplinkSettings } from './uplink.ts';

/** A network on virtual time: it says when, how often and in what order each message arrives. */
export interface NetworkSettings extends UplinkSettings {
  /**
   * While one lasts, nothing of any link gets through; what was sent arrives in a burst after it.
   */
  readonly partitions: readonly { readonly fromMs: number; readonly untilMs: number }[];
}

export const NETWORK: NetworkSettings = { ...UPLINK, partitions: [] };

/** A network that is out to break whoever listens; for the simulation test. */
export const HOSTILE_NETWORK: NetworkSettings = {
  ...NETWORK,
  latencySigma: 1.2,
  stragglerShare: 0.1,
  stragglerMaxMs: 300_000,
  duplicateShare: 0.1,
  lostShare: 0.05,
  coverageLossesPerHour: 6,
  newestFirstShare: 0.5,
};

/** How long the first message needs once a link is back, and the whole burst after it. */
const RECONNECT_MS = 800;
const BURST_MS = 2_000;

/** What one link (a device, one direction) remembers. */
export interface LinkState {
  readonly seed: number;
  readonly sent: number;
  readonly coverage: Coverage;
}

export interface Delivery<M> {
  readonly atMs: number;
  readonly link: string;
  readonly message: M;
}

export function initialLink(
  settings: NetworkSettings,
  networkSeed: number,
  link: string,
  atMs: number,
): LinkState {
  const seed = hash32(`${networkSeed}/link/${link}`);
  return { seed, sent: 0, coverage: initialCoverage(settings, seed, atMs) };
}

/**
 * Sends one message, and says at once when it will arrive: nothing is held, nothing has to wait.
 */
export function transmit(
  settings: NetworkSettings,
  before: LinkState,
  atMs: number,
): { state: LinkState; arrivalsMs: number[] } {
  const coverage = coverageAt(settings, before.seed, before.coverage, atMs);
  const state = { ...before, sent: before.sent + 1, coverage };
  const delays = delaysMs(settings, drawsAt(before.seed, 'delay', before.sent));
  const outage = outageAt(settings, coverage, atMs);
  const arrivalsMs = delays.map((delayMs) =>
    Math.round(outage === null ? atMs + delayMs : burstAtMs(outage, atMs)),
  );
  return { state, arrivalsMs };
}

type Outage = { fromMs: number; untilMs: number; order: 'oldest-first' | 'newest-first' };

function outageAt(settings: NetworkSettings, coverage: Coverage, atMs: number): Outage | null {
  if (coverage.state === 'lost') return coverage;
  const cut = settings.partitions.find(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs);
  return cut === undefined ? null : { ...cut, order: 'oldest-first' };
}

/** The place of a message in the burst follows from when in the outage it was sent. */
function burstAtMs({ fromMs, untilMs, order }: Outage, atMs: number): number {
  const share = (atMs - fromMs) / (untilMs - fromMs);
  return untilMs + RECONNECT_MS + BURST_MS * (order === 'oldest-first' ? share : 1 - share);
}

/** Many links in one place, created as they are first used. */
export interface Network<M> {
  send(link: string, message: M, atMs: number): Delivery<M>[];
}

/** Sends on one link must come in order of time; links are independent of each other. */
export function network<M>(settings: NetworkSettings, seed: number, startMs: number): Network<M> {
  const links = new Map<string, LinkState>();
  return {
    send(link, message, atMs) {
      const before = links.get(link) ?? initialLink(settings, seed, link, startMs);
      const { state, arrivalsMs } = transmit(settings, before, atMs);
      links.set(link, state);
      return arrivalsMs.map((arrivalMs) => ({ atMs: arrivalMs, link, message }));
    },
  };
}
