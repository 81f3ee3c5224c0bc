import type { Alert } from '../../shared/alert.ts';
import type { SystemFault } from '../core/case-event.ts';

/** What only the process that told it could call over: the next finds it anew, or not at all. */
const CODES = [
  'canary-missed',
  'clock-stepped',
  'device-flooding',
  'feedback-failing',
  'journal-broken',
  'limit-near',
  'message-parked',
] as const;

/** Ends what the last process left standing of them. (SPEC SY1) */
export const endedWithProcess = (alerts: readonly Alert[]): SystemFault[] =>
  alerts.flatMap(({ code, basis }): SystemFault[] => {
    const ended = CODES.find((each) => each === code);
    if (!ended) return [];
    const about = String(basis.detail['about'] ?? '');
    return [{ code: ended, about, standing: false, detail: 'the server began anew' }];
  });
