import type { Alert } from '../../shared/alert.ts';
import type { BanFeature, PositionFeature } from '../../shared/console-message.ts';
import { toInstant } from '../../shared/instant.ts';
import { type AlertRecord, toAlert } from '../core/alert-record.ts';
import type { BanState, CaseState, DeviceState } from '../core/case-state.ts';

const alerts = new WeakMap<AlertRecord, Alert>();

/**
 * An alert as consoles see it: the same object for as long as the record is the same, so that ten
 * thousand open ones are not made anew for each console that asks.
 */
export function alertOf(record: AlertRecord): Alert {
  const known = alerts.get(record) ?? toAlert(record);
  alerts.set(record, known);
  return known;
}

/** Newest position of each device of a case, for a console that may see it. */
export function positionFeatures(state: CaseState): PositionFeature[] {
  return state.devices.flatMap((device) => positionFeature(state, device));
}

function positionFeature(state: CaseState, { device, track }: DeviceState): PositionFeature[] {
  const point = track.last ?? track.suspect;
  if (!point) return [];
  const { fix } = point;
  return [
    {
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [fix.lon, fix.lat] },
      properties: {
        deviceId: device.deviceId,
        personId: device.personId,
        caseId: state.caseId,
        kind: device.kind,
        time: toInstant(point.atMs),
        receivedAt: toInstant(fix.receivedAtMs),
        accuracyM: fix.accuracyM,
        speedMs: fix.speedMs,
        headingDeg: fix.headingDeg,
        source: fix.source,
        battery: fix.battery,
      },
    },
  ];
}

/** The bans of a case, for the map. */
export const banFeatures = (state: CaseState): BanFeature[] =>
  state.bans.map((ban) => banFeature(state, ban));

function banFeature(state: CaseState, ban: BanState): BanFeature {
  const contact = ban.kind === 'contact-ban';
  return {
    orderId: ban.orderId,
    banId: ban.banId,
    caseId: state.caseId,
    kind: ban.kind,
    name: ban.name,
    active: ban.activity.active,
    wearerId: ban.wearerId,
    victimId: ban.victimId,
    distanceM: contact ? ban.distanceM : null,
    warningM: ban.warningM,
    zone: ban.shape?.zone() ?? null,
  };
}
