import type { AlertLine } from './playback.ts';

/** From when until when something was claimed; `Infinity` when it stood at the end. */
export type Span = readonly [fromMs: number, untilMs: number];

/** Claims by case and distance, as `caseId|distanceM`. */
export type Rises = ReadonlyMap<string, readonly Span[]>;
export const riseKey = (caseId: string, distanceM: number): string => `${caseId}|${distanceM}`;

/** The engine says "within the distance". */
export const claimsBreach = ({ stage, certainty }: AlertLine): boolean =>
  stage === 'breach' && (certainty === 'likely' || certainty === 'certain');

/** The engine says "act now". */
export const claimsUrgency = ({ priority }: AlertLine): boolean => priority === 1;

const isGone = ({ change, state }: AlertLine): boolean =>
  change === 'cleared' ||
  change === 'closed' ||
  state === 'cleared-unacknowledged' ||
  state === 'cleared';

/** When a claim stood; alerts of one case and distance that overlap or touch are one rise. */
export function risesOf(lines: readonly AlertLine[], claims: (line: AlertLine) => boolean): Rises {
  const open = new Map<string, { key: string; fromMs: number }>();
  const spans = new Map<string, Span[]>();
  const add = (key: string, span: Span): void => {
    const known = spans.get(key);
    if (known) known.push(span);
    else spans.set(key, [span]);
  };
  for (const line of lines) {
    if (line.kind !== 'contact' || line.retrospective) continue;
    const begun = open.get(line.alertId);
    const active = !isGone(line) && claims(line);
    if (active && !begun) open.set(line.alertId, { key: keyOf(line), fromMs: line.atMs });
    if (active || !begun) continue;
    open.delete(line.alertId);
    add(begun.key, [begun.fromMs, line.atMs]);
  }
  for (const { key, fromMs } of open.values()) add(key, [fromMs, Infinity]);
  return new Map([...spans].map(([key, known]) => [key, united(known)]));
}

/** Orders and bans of the cases are named after case and distance. */
function keyOf({ orderId, banId }: AlertLine): string {
  const caseId = (orderId ?? '').replace(/^order-/, '');
  return riseKey(caseId, Number(/d(\d+)$/.exec(banId ?? '')?.[1]));
}

function united(spans: readonly Span[]): Span[] {
  const whole: Span[] = [];
  for (const [fromMs, untilMs] of spans.toSorted(([a], [b]) => a - b)) {
    const last = whole.at(-1);
    if (last && fromMs <= last[1]) whole[whole.length - 1] = [last[0], Math.max(last[1], untilMs)];
    else whole.push([fromMs, untilMs]);
  }
  return whole;
}
