import { isDrawn } from '../shared/court-order.ts';
import { fromInstant } from '../shared/instant.ts';
import { assertNever } from '../shared/result.ts';
import type { ApprovalDesk } from './approval-desk.ts';
import { dateText } from './approval-figures.ts';
import type { LoadedDossier } from './approval-model.ts';
import { askOf } from './approval-queue-order.ts';

export interface Consequence {
  readonly text: string;
  readonly mark: 'tick' | 'less' | 'alarm' | 'hour-glass';
}

const tick = (text: string): Consequence => ({ text, mark: 'tick' });

/** What a yes will do, in sentences; empty when nothing is asked. (SPEC AV6) */
export function consequencesOf(desk: ApprovalDesk, dossier: LoadedDossier): Consequence[] {
  const { words } = desk;
  const { order } = dossier;
  const ask = askOf(order);
  if (ask === null) return [];
  const text =
    order.standing === null
      ? words.yes.untilThenNothing
      : words.yes.untilThen(order.standing.version);
  const meanwhile: Consequence = { text, mark: 'hour-glass' };
  switch (ask) {
    case 'new-order':
    case 'new-order-drawn':
      return [tick(words.yes.newOrder(order.wearerId)), ...watching(desk, dossier), meanwhile];
    case 'amendment':
      return [
        tick(words.yes.replaces(order.standing?.version ?? 0)),
        ...watching(desk, dossier),
        meanwhile,
      ];
    case 'zone':
      return [tick(words.yes.zone), ...watching(desk, dossier), meanwhile];
    case 'resumption':
      return [tick(words.yes.resumption), meanwhile];
    case 'suspension':
      return [{ text: words.yes.suspension, mark: 'less' }, meanwhile];
    case 'withdrawal':
      return [{ text: words.yes.withdrawal, mark: 'less' }, meanwhile];
    default:
      return assertNever(ask);
  }
}

function watching(desk: ApprovalDesk, { order, preview }: LoadedDossier): Consequence[] {
  const { words, nowMs, language } = desk;
  const missing = order.bans.filter((ban) => !isDrawn(ban)).length;
  const lines: Consequence[] = [];
  const less =
    preview?.changes.filter(({ protection }) => protection === 'less' || protection === 'mixed')
      .length ?? 0;
  if (less > 0) lines.push({ text: words.yes.less(less), mark: 'less' });
  const drawn = order.bans.length - missing;
  if (drawn > 0) lines.push(tick(words.yes.watched(drawn)));
  if (missing > 0) lines.push({ text: words.yes.unwatched(missing), mark: 'alarm' });
  const later = fromInstant(order.validFrom) > nowMs;
  if (later) return [...lines, tick(words.yes.starts(dateText(order.validFrom, language)))];
  return order.standing === null ? [...lines, tick(words.yes.startsNow)] : lines;
}
