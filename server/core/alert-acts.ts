import { assertNever, ok, refused, type Result } from '../../shared/result.ts';
import type { AlertRecord } from './alert-record.ts';
import type { ActOnAlert } from './case-event.ts';

export type ActRefusal = 'unknown-alert' | 'alert-closed' | 'priority-1-not-shelvable';

/** The alert after an operator's act, or why the act is not possible. (SPEC AC1–AC5) */
export function acted(
  record: AlertRecord,
  { act, by }: ActOnAlert,
  atMs: number,
): Result<AlertRecord, ActRefusal> {
  if (record.state === 'closed') return refused('alert-closed');
  const touched = { ...record, updatedAtMs: atMs };
  switch (act.type) {
    case 'acknowledge':
      return ok(acknowledged(touched, by, atMs));
    case 'note':
    case 'dispatch':
      return ok(touched);
    case 'close':
      return ok({
        ...touched,
        state: 'closed',
        shelvedUntilMs: null,
        closure: { finding: act.finding, by, atMs },
      });
    case 'shelve':
      if (record.priority === 1) return refused('priority-1-not-shelvable');
      return ok({ ...touched, state: 'shelved', shelvedUntilMs: atMs + act.minutes * 60_000 });
    default:
      return assertNever(act);
  }
}

/** A second acknowledgement changes nothing: the first one's name and time stay. */
function acknowledged(record: AlertRecord, by: string, atMs: number): AlertRecord {
  if (record.state === 'acknowledged' || record.state === 'cleared') return record;
  return {
    ...record,
    state: record.standing ? 'acknowledged' : 'cleared',
    shelvedUntilMs: null,
    acknowledgedBy: by,
    acknowledgedAtMs: atMs,
  };
}

/** Shelving is over: the alert asks for attention again. */
export function unshelved(record: AlertRecord, atMs: number): AlertRecord {
  return {
    ...record,
    state: record.standing ? 'unacknowledged' : 'cleared-unacknowledged',
    shelvedUntilMs: null,
    updatedAtMs: atMs,
  };
}
