import type { AlertAct } from '../../shared/alert-act.ts';
import type { AlertRecord } from '../../server/core/alert-record.ts';
import type { ActOnAlert } from '../../server/core/case-event.ts';
import type { Engine } from '../../server/core/engine.ts';
import type { Prng } from '../../shared/prng.ts';

/** How likely an open alert is touched each time the operator looks. */
const TOUCHED = 0.06;

/** A person at a desk who does something to some alerts, sometimes the wrong thing. */
export function actsOf(engine: Engine, random: Prng): ActOnAlert[] {
  const acts: ActOnAlert[] = [];
  for (const state of engine.caseload.cases()) {
    for (const record of state.alerts.values()) {
      if (random.next() >= TOUCHED) continue;
      acts.push({ alertId: record.alertId, act: actOn(record, random), by: 'agent' });
    }
  }
  return acts;
}

function actOn(record: AlertRecord, random: Prng): AlertAct {
  const draw = random.next();
  if (draw < 0.5) return { type: 'acknowledge' };
  if (draw < 0.6) return { type: 'note', text: 'called her' };
  if (draw < 0.65) return { type: 'dispatch', unit: '23.01' };
  if (draw < 0.8) return { type: 'shelve', minutes: 2 + random.below(5), reason: 'known' };
  // A button's alert stands until a person closes it; others are mostly closed when they are over.
  const closes = !record.standing || record.kind === 'device' || draw > 0.97;
  return closes ? { type: 'close', finding: 'other' } : { type: 'acknowledge' };
}
