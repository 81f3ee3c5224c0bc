import { toInstant } from '../../shared/instant.ts';
import type { Notice, NoticeType } from './vigil.ts';

/** What goes to people, as JSON to a webhook and as `CORDON_WATCHDOG_…` to a command. */
export interface AlarmMessage {
  readonly type: NoticeType;
  readonly serverId: string;
  readonly reasons: readonly string[];
  readonly since: string;
  readonly at: string;
  /** One sentence for whoever is woken by it. */
  readonly text: string;
}

/** What the codes of the watchdog itself mean; those of a server are told as they are. */
const MEANINGS: Readonly<Record<string, string>> = {
  silent: 'has not said that all is well: dead, cut off or standing still',
  stalled: 'runs but does not work: its event loop does not move',
  'not-well': 'says that it is not well',
  'canary-missed': 'works, but the trial that crosses it every minute does not arrive',
  'checkpoint-backwards': 'has a journal that went back: something was taken out of it',
  'checkpoint-forked': 'has another journal than before: something in it was changed',
  'checkpoint-missing': 'no longer says how far its journal has come',
  'key-changed': 'or somebody in its name speaks with another key',
  'witness-failing': 'is heard, but the watchdog cannot write down its checkpoint',
  'store-failing': 'cannot write',
  'broker-lost': 'gets no positions: it has no connection to the broker',
};

export function alarmMessage(serverId: string, notice: Notice): AlarmMessage {
  const { type, reasons, sinceMs, atMs } = notice;
  const since = toInstant(sinceMs);
  return { type, serverId, reasons, since, at: toInstant(atMs), text: textOf(serverId, notice) };
}

function textOf(serverId: string, { type, reasons, sinceMs, atMs }: Notice): string {
  const minutes = Math.round((atMs - sinceMs) / 60_000);
  if (type === 'recovered') {
    return `Cordon ${serverId} is well again, after ${minutes} min (${reasons.join(', ')}).`;
  }
  const meant = reasons.map((reason) => MEANINGS[reason] ?? `says ${reason}`).join('; it ');
  const still = type === 'repeated' ? `, for ${minutes} min now` : '';
  return `Cordon ${serverId} ${meant}${still}.`;
}
