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
  'gap-possible': 2,
  'canary-missed': 1,
  'limit-near': 3,
  'clock-stepped': 2,
  'message-parked': 3,
  'device-flooding': 3,
  'journal-broken': 1,
  'zone-missing': 3,
  'feedback-failing': 3,
};

/** Each failed case has a watch of its own, and so an alert of its own. */
export const systemKey = (code: string, about: string): string => `system:${code}/${about}`;

/** Works a fault of Cordon itself, or its end, into the case it belongs to. */
export function reportSystem(draft: Draft, event: Extract<CaseEvent, { type: 'system' }>): void {
  const { code, standing, detail, about = '', facts } = event;
  const key = systemKey(code, about);
  if (!standing && !draft.state.watches.has(key)) return;
  const verdict: Verdict = {
    ...NOTHING,
    standing,
    priority: event.priority ?? PRIORITY[code],
    reason: event.reason ?? 'component-failed',
    rules: ['SY1'],
    detail: { detail, about, ...facts },
  };
  const subject = {
    orderId: null,
    banId: null,
    wearerId: null,
    victimId: null,
    deviceId: null,
  };
  const caseId = draft.state.caseId;
  const basis = (): ReturnType<typeof basisOf> => basisOf(draft.state, null, verdict, draft.atMs);
  const cause = { caseId, kind: 'system', code, about, subject, clearAfterMs: 0, basis } as const;
  follow(draft, key, verdict, cause, false);
}
