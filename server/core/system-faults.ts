import type { Priority } from '../../shared/alert.ts';
import { basisOf } from './alert-basis.ts';
import type { CaseEvent, SystemCode } from './case-event.ts';
import { follow, type Draft } from './draft.ts';
import { NOTHING, type Verdict } from './verdict.ts';

/** A blind system is as urgent as the worst it may be missing. (SPEC SY1) */
const PRIORITY: Record<SystemCode, Priority> = {
  'broker-lost': 1,
  'store-failing': 1,
  'evaluator-late': 2,
  'case-failed': 1,
};

/** Works a fault of Cordon itself, or its end, into the case it belongs to. */
export function reportSystem(draft: Draft, event: Extract<CaseEvent, { type: 'system' }>): void {
  const { code, standing, detail } = event;
  const key = `system:${code}`;
  if (!standing && !draft.state.watches.has(key)) return;
  const verdict: Verdict = {
    ...NOTHING,
    standing,
    priority: PRIORITY[code],
    reason: 'component-failed',
    rules: ['SY1'],
    detail: { detail },
  };
  const subject = {
    // A failed case raises an alert of its own, apart from those of other cases.
    orderId: null,
    banId: null,
    wearerId: null,
    victimId: null,
    deviceId: null,
  };
  const caseId = draft.state.caseId;
  const basis = (): ReturnType<typeof basisOf> => basisOf(draft.state, null, verdict, draft.atMs);
  const cause = { caseId, kind: 'system', code, subject, clearAfterMs: 0, basis } as const;
  follow(draft, key, verdict, cause, false);
}
