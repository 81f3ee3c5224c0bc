import { toInstant } from '../../shared/instant.ts';
import type { SystemFault } from '../core/case-event.ts';

/**
 * The broker answered devices while it kept nothing for us: what they sent meanwhile, and do not
 * send again, is missing. Over when it is told, and still somebody's to acknowledge. (SPEC SY1)
 */
export function sessionLost(fromMs: number, untilMs: number): readonly SystemFault[] {
  const gap: SystemFault = {
    code: 'gap-possible',
    // Apart from other reasons for a gap, which may end or be acknowledged at another time.
    about: 'broker-session',
    standing: true,
    reason: 'session-lost',
    detail: 'the broker has a new session for us: what it kept for us before is lost',
    facts: { from: toInstant(fromMs), until: toInstant(untilMs) },
  };
  return [gap, { ...gap, standing: false }];
}
