import { type DrawnBan, isDrawn } from '../../shared/court-order.ts';
import { distanceM } from '../../shared/geodesy.ts';
import { type Truth, whereAt } from '../../device-sim/itinerary.ts';
import type { DevicePlan } from '../../device-sim/device-plan.ts';
import { scenarioS } from '../../device-sim/device-plan.ts';
import { assert } from '../../shared/result.ts';
import type { Scene } from './scene.ts';

/** One ban with what truly happened, told by geometry of its own and not by the core's. */
export interface TrueBan {
  /** `orderId/banId`. */
  readonly key: string;
  readonly orderId: string;
  readonly banId: string;
  /** Devices of both parties; of a zone only the wearer's. */
  readonly plans: readonly DevicePlan[];
  /** What receivers may be wrong by without anybody being to blame. */
  readonly slackM: number;
  /** Until so far beyond the line an encounter goes on, whatever was closed during it. */
  readonly holdsM: number;
  readonly activeFromMs: number;
  readonly activeUntilMs: number;
  /** Metres that were missing for a breach at this time; 0 or less: the ban was broken. */
  missingM(atMs: number): number;
}

/** A reflection adds 100 m at worst; contact bans get a quarter of their distance on top. */
const SLACK_M = 100;
const SLACK_SHARE = 0.25;
/** A warning begins at twice the ban's distance and is held a tenth longer; zones have a buffer. */
const HOLD_SHARE = 1.25;
const ZONE_HOLD_M = 220;
const DUTY_FROM_S = 10 * 60;
const DUTY_UNTIL_S = 35 * 60;

export function truePlace(plan: DevicePlan, atMs: number): Truth {
  assert(plan.whereabouts.kind === 'itinerary', 'simulated worlds know the truth');
  return whereAt(plan.whereabouts.itinerary, scenarioS(plan, atMs));
}

export function trueBans(scene: Scene): TrueBan[] {
  const planOf = (personId: string): DevicePlan =>
    scene.plans.find((plan) => plan.personId === personId)!;
  return scene.orders.flatMap((order) =>
    order.bans.filter(isDrawn).map((ban): TrueBan => {
      const wearer = planOf(order.wearerId);
      const scheduled = ban.schedule != null;
      const head = {
        key: `${order.orderId}/${ban.banId}`,
        orderId: order.orderId,
        banId: ban.banId,
        activeFromMs: scene.startMs + (scheduled ? DUTY_FROM_S * 1_000 : 0),
        activeUntilMs: scheduled ? scene.startMs + DUTY_UNTIL_S * 1_000 : Infinity,
      };
      if (ban.kind !== 'contact-ban') return { ...head, ...zoneTruth(ban, wearer) };
      const victim = planOf(ban.victimId);
      return {
        ...head,
        plans: [wearer, victim],
        slackM: SLACK_M + SLACK_SHARE * ban.distanceM,
        holdsM: HOLD_SHARE * ban.distanceM + SLACK_M,
        missingM: (atMs) => apartM(wearer, victim, atMs) - ban.distanceM,
      };
    }),
  );
}

function apartM(a: DevicePlan, b: DevicePlan, atMs: number): number {
  const [here, there] = [truePlace(a, atMs), truePlace(b, atMs)];
  return distanceM(here.lon, here.lat, there.lon, there.lat);
}

type ZoneBan = Exclude<DrawnBan, { kind: 'contact-ban' }>;

function zoneTruth(
  ban: ZoneBan,
  wearer: DevicePlan,
): Pick<TrueBan, 'plans' | 'slackM' | 'holdsM' | 'missingM'> {
  const sign = ban.kind === 'location-duty' ? -1 : 1;
  return {
    plans: [wearer],
    slackM: SLACK_M,
    holdsM: ZONE_HOLD_M + SLACK_M,
    missingM(atMs) {
      const { lon, lat } = truePlace(wearer, atMs);
      return sign * outsideM(ban.zone, lon, lat);
    },
  };
}

/** Metres outside a circle or an upright square, the only zones of the plots; negative inside. */
function outsideM(zone: ZoneBan['zone'], lon: number, lat: number): number {
  if (zone.type === 'Circle') {
    return distanceM(zone.center[0]!, zone.center[1]!, lon, lat) - zone.radiusM;
  }
  assert(zone.type === 'Polygon', 'plots draw circles and squares');
  const ring = zone.coordinates[0]!;
  const [west, south] = ring[0]!;
  const [east, north] = ring[2]!;
  const middle = [(west! + east!) / 2, (south! + north!) / 2] as const;
  const halfM = distanceM(west!, middle[1], middle[0], middle[1]);
  const eastM = distanceM(middle[0], lat, lon, lat) - halfM;
  const northM = distanceM(lon, middle[1], lon, lat) - halfM;
  const beyondM = Math.hypot(Math.max(0, eastM), Math.max(0, northM));
  return beyondM > 0 ? beyondM : Math.max(eastM, northM);
}
