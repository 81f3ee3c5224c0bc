import { fromInstant } from '../../shared/instant.ts';
import { caseOf, deviceOf, DISTANCES_M, type Message } from './case-set.ts';
import type { AlertLine } from './playback.ts';

/** The sphere that this baseline measures on. */
const DEGREE_M = 111_195.08;

interface Place {
  readonly atMs: number;
  readonly lon: number;
  readonly lat: number;
}

/**
 * What an engine would say that compares the newest fix of each and nothing else: no common
 * instant, no error, no motion. The baseline that every figure is held against.
 */
export function rawDistanceAlerts(messages: readonly Message[]): AlertLine[] {
  const newest = new Map<string, Place>();
  const active = new Set<string>();
  const lines: AlertLine[] = [];
  for (const message of messages) {
    const deviceId = deviceOf(message);
    const caseId = caseOf(deviceId);
    const atMs = fromInstant(message.payload.time);
    if (atMs < (newest.get(deviceId)?.atMs ?? -Infinity)) continue;
    newest.set(deviceId, { atMs, lon: message.payload.lon, lat: message.payload.lat });
    const wearer = newest.get(`o-${caseId}`);
    const victim = newest.get(`p-${caseId}`);
    if (!wearer || !victim) continue;
    const apartM = metresBetween(wearer, victim);
    for (const distanceM of DISTANCES_M) {
      const alertId = `${caseId}|${distanceM}`;
      if (apartM < distanceM === active.has(alertId)) continue;
      if (apartM < distanceM) active.add(alertId);
      else active.delete(alertId);
      lines.push(lineOf(message.receivedAtMs, caseId, distanceM, active.has(alertId)));
    }
  }
  return lines;
}

function metresBetween(wearer: Place, victim: Place): number {
  const lonM = Math.cos((victim.lat * Math.PI) / 180) * DEGREE_M;
  return Math.hypot((wearer.lon - victim.lon) * lonM, (wearer.lat - victim.lat) * DEGREE_M);
}

function lineOf(atMs: number, caseId: string, distanceM: number, within: boolean): AlertLine {
  return {
    atMs,
    change: within ? 'raised' : 'cleared',
    alertId: `${caseId}|${distanceM}`,
    orderId: `order-${caseId}`,
    banId: `d${distanceM}`,
    kind: 'contact',
    stage: 'breach',
    certainty: 'likely',
    priority: 1,
    state: within ? 'unacknowledged' : 'cleared',
    retrospective: false,
  };
}
