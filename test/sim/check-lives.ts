import type { AlertState } from '../../shared/alert.ts';
import type { AlertRecord } from '../../server/core/alert-record.ts';
import type { Run, Told } from './simulation.ts';
import type { Violation } from './violation.ts';

/** Where an alert may go from each state; itself included where something may be added. */
const NEXT: Record<AlertState, readonly AlertState[]> = {
  unacknowledged: ['unacknowledged', 'acknowledged', 'cleared-unacknowledged', 'closed', 'shelved'],
  acknowledged: ['acknowledged', 'unacknowledged', 'cleared', 'closed', 'shelved'],
  'cleared-unacknowledged': [
    'cleared-unacknowledged',
    'unacknowledged',
    'cleared',
    'closed',
    'shelved',
  ],
  cleared: ['cleared', 'unacknowledged', 'closed', 'shelved'],
  shelved: [
    'shelved',
    'unacknowledged',
    'acknowledged',
    'cleared-unacknowledged',
    'cleared',
    'closed',
  ],
  closed: [],
};

/** Only what was written counts: a raise that died with its process is raised again, by right. */
export function checkLives(run: Run): Violation[] {
  const lives = new Map<string, AlertRecord>();
  const standing = new Map<string, string>();
  return run.told
    .filter(({ durable }) => durable)
    .flatMap((told) => {
      const { record } = told.change;
      const before = lives.get(record.alertId) ?? null;
      lives.set(record.alertId, record);
      const faults = [...faultsOf(before, told), ...doubleOf(standing, record)];
      const name = `${record.code} ${record.alertId.slice(0, 6)} episode ${record.episode}`;
      return faults.map((fault) => ({
        promise: 'lifecycle',
        atMs: told.change.atMs,
        text: `${name}: ${fault}`,
        orderId: record.orderId ?? (record.deviceId && `o-${record.deviceId.split('-')[1]}`),
      }));
    });
}

/** At most one alert stands for one cause. */
function doubleOf(standing: Map<string, string>, record: AlertRecord): string[] {
  const cause = JSON.stringify([record.code, record.orderId, record.banId, record.deviceId]);
  const other = standing.get(cause);
  const stands = record.standing && record.state !== 'closed';
  if (stands) standing.set(cause, record.alertId);
  else if (other === record.alertId) standing.delete(cause);
  return stands && other !== undefined && other !== record.alertId
    ? [`stands beside ${other.slice(0, 6)}, which stands for the same cause`]
    : [];
}

function faultsOf(before: AlertRecord | null, { change }: Told): string[] {
  const { record } = change;
  const faults: string[] = [...contradictions(record)];
  if (before === null) {
    if (change.change !== 'raised') faults.push(`begins with "${change.change}"`);
    // What is learnt of the past is over when it is told.
    const first = record.retrospective ? 'cleared-unacknowledged' : 'unacknowledged';
    if (record.state !== first) faults.push(`is raised as ${record.state}`);
    return faults;
  }
  if (change.change === 'raised') faults.push('is raised a second time');
  if (!NEXT[before.state].includes(record.state)) {
    faults.push(`goes from ${before.state} to ${record.state}`);
  }
  if (before.priority === 1 && record.priority !== 1) faults.push('priority 1 is lowered');
  if (before.acknowledgedBy && !record.acknowledgedBy) faults.push('forgets its acknowledgement');
  if (record.raisedAtMs !== before.raisedAtMs) faults.push('changes when it was raised');
  if (change.atMs < before.updatedAtMs) faults.push('goes back in time');
  const ended = before.state === 'acknowledged' && change.change === 'cleared';
  if (ended && record.state !== 'cleared') faults.push('clears as if nobody had seen it');
  if (change.change === 'closed' && !change.act) faults.push('is closed by nobody');
  return faults;
}

function* contradictions(record: AlertRecord): Generator<string> {
  const { state } = record;
  const shelved = state === 'shelved';
  if (shelved !== (record.shelvedUntilMs !== null)) yield `${state}, yet shelved until some time`;
  if (shelved && record.priority === 1) yield 'is shelved at priority 1';
  if ((state === 'closed') !== (record.closure !== null)) yield `${state}, against its closure`;
  if (record.standing && state.startsWith('cleared')) yield `stands although ${state}`;
  if (!record.standing && (state === 'unacknowledged' || state === 'acknowledged')) {
    yield `does not stand although ${state}`;
  }
}
