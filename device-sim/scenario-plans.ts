import { hash32, prng } from '../shared/prng.ts';
import { assert } from '../shared/result.ts';
import type { DevicePlan, Whereabouts } from './device-plan.ts';
import { planItinerary } from './itinerary.ts';
import type { KnownZone } from './own-interval.ts';
import type { Scenario, ScenarioDevice } from './scenario.ts';
import type { Track } from './track.ts';
import { UPLINK, type UplinkSettings } from './uplink.ts';

/** First reports are spread over at most this long, so that a demo shows all devices at once. */
const FIRST_REPORT_SPREAD_MS = 2_000;

export interface PlanWish {
  readonly startMs: number;
  readonly seed: number;
  /** 2 lets everything happen twice as fast. */
  readonly pace: number;
  readonly uplink?: UplinkSettings;
}

/** Turns a scenario into what each of its devices will do; equal wishes give equal plans. */
export function plansOf(
  scenario: Scenario,
  tracks: ReadonlyMap<string, Track>,
  wish: PlanWish,
): DevicePlan[] {
  return scenario.devices.map((device) => planOf(device, scenario, tracks, wish));
}

function planOf(
  device: ScenarioDevice,
  scenario: Scenario,
  tracks: ReadonlyMap<string, Track>,
  wish: PlanWish,
): DevicePlan {
  const seed = hash32(`${wish.seed}/${device.deviceId}`);
  const startMs = wish.startMs + scenario.startDelayS * 1_000;
  const { clock, coverageLossesPerHour } = device;
  const uplink = wish.uplink ?? UPLINK;
  const reportIntervalMs = device.reportIntervalS * 1_000;
  const spreadMs = Math.min(reportIntervalMs, FIRST_REPORT_SPREAD_MS);
  const phaseMs = device.track ? 0 : prng(seed).fork('phase').below(spreadMs);
  return {
    deviceId: device.deviceId,
    kind: device.kind,
    personId: device.personId,
    seed,
    worldSeed: wish.seed,
    bootPrefix: wish.startMs.toString(36),
    startMs,
    firstReportMs: startMs + phaseMs,
    pace: wish.pace,
    whereabouts: whereaboutsOf(device, tracks, seed),
    happenings: device.happenings,
    reportIntervalMs,
    ...(device.adaptive && {
      own: { zones: zonesKnownTo(device.personId, scenario), slowestMs: reportIntervalMs },
    }),
    battery: device.battery,
    clock: { offsetMs: clock.offsetS * 1_000, driftPpm: clock.driftPpm },
    uplink: coverageLossesPerHour === undefined ? uplink : { ...uplink, coverageLossesPerHour },
  };
}

/** What his order told him of places; of persons it tells his device nothing. */
const zonesKnownTo = (personId: string, { orders }: Scenario): KnownZone[] =>
  orders
    .filter(({ wearerId }) => wearerId === personId)
    .flatMap(({ bans }) => bans)
    .flatMap((ban) => {
      if (ban.kind === 'contact-ban' || !ban.zone) return [];
      const bufferM = ban.kind === 'location-ban' ? (ban.bufferM ?? 0) : 0;
      return [{ zone: ban.zone, bufferM }];
    });

function whereaboutsOf(
  device: ScenarioDevice,
  tracks: ReadonlyMap<string, Track>,
  seed: number,
): Whereabouts {
  if (device.track) {
    const track = tracks.get(device.track.name);
    assert(track !== undefined, `the track ${device.track.name} was read`);
    return { kind: 'recorded', track, atEnd: device.track.atEnd };
  }
  assert(device.journey !== undefined, 'a device has a journey or a track');
  const { start, legs, atEnd } = device.journey;
  const journey = { start: [start[0], start[1]] as const, legs, atEnd };
  const wish = { ...journey, environment: device.environment };
  return { kind: 'itinerary', itinerary: planItinerary(wish, prng(seed).fork('itinerary')) };
}
