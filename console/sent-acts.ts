import type { Alert } from '../shared/alert.ts';
import type { ConsoleToServer } from '../shared/console-message.ts';
import type { Problem } from '../shared/problem.ts';
import type { Heard } from './inbound.ts';

export type ActMessage = Exclude<ConsoleToServer, { type: 'resume' }>;

/** An act stays here until the server has answered: none is ever silently lost. */
export interface SentAct {
  readonly message: ActMessage;
  readonly sentAtMs: number;
  readonly state: 'pending' | 'undelivered' | 'refused';
  readonly problem: Problem | null;
}

/** No answer for so long, and the operator is told that her act may not have arrived. */
export const ACT_ANSWER_MS = 10_000;

export function withAct(
  acts: readonly SentAct[],
  { atMs, message, delivered }: { atMs: number; message: ActMessage; delivered: boolean },
): readonly SentAct[] {
  const state = delivered ? ('pending' as const) : ('undelivered' as const);
  const others = withoutAct(acts, message.requestId);
  return [...others, { message, sentAtMs: atMs, state, problem: null }];
}

export const withoutAct = (acts: readonly SentAct[], requestId: string): readonly SentAct[] =>
  acts.filter((act) => act.message.requestId !== requestId);

/** Those that have waited too long by now are undelivered. */
export const overdueActs = (acts: readonly SentAct[], atMs: number): readonly SentAct[] =>
  undelivered(acts, ({ sentAtMs }) => atMs - sentAtMs > ACT_ANSWER_MS);

/** With the line all answers are lost that were to come over it. */
export const cutOffActs = (acts: readonly SentAct[]): readonly SentAct[] =>
  undelivered(acts, () => true);

const undelivered = (acts: readonly SentAct[], fits: (act: SentAct) => boolean) =>
  acts.map((act) =>
    act.state === 'pending' && fits(act) ? { ...act, state: 'undelivered' as const } : act,
  );

export function answeredActs(
  acts: readonly SentAct[],
  result: Extract<Heard, { type: 'result' }>,
): readonly SentAct[] {
  if (result.requestId === null) return acts;
  if (result.ok) return withoutAct(acts, result.requestId);
  return acts.map((act) =>
    act.message.requestId === result.requestId
      ? { ...act, state: 'refused' as const, problem: result.problem ?? null }
      : act,
  );
}

/** An undelivered act whose effect is there has arrived after all: no need to ask about it. */
export function settledActs(
  acts: readonly SentAct[],
  alerts: ReadonlyMap<string, Alert>,
): readonly SentAct[] {
  return acts.filter(({ message, state }) => {
    if (state !== 'undelivered') return true;
    const alert = alerts.get(message.alertId);
    if (message.type === 'close') return alert?.state !== 'closed';
    if (message.type !== 'acknowledge' || alert === undefined) return true;
    return alert.state === 'unacknowledged' || alert.state === 'cleared-unacknowledged';
  });
}
