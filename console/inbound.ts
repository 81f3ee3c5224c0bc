import { z } from 'zod';
import { Alert } from '../shared/alert.ts';
import { BanFeature, PositionFeature, ServerToConsole } from '../shared/console-message.ts';

/** A message of which everything readable was read. */
export type Heard = ServerToConsole;

export interface Inbound {
  /** Null when nothing of the message could be used. */
  readonly message: Heard | null;
  /** Sequence number of an alert even if the alert itself could not be read. */
  readonly seq: number | null;
  /** What could not be read, one line each, for the counter that the operator sees. */
  readonly unreadable: readonly string[];
}

/** Only enough of a message to save the rest of it when one part is unknown to this console. */
const Loose = z.looseObject({ type: z.string(), seq: z.number().optional() });
const LooseAlert = z.looseObject({ alertId: z.string(), priority: z.number() });
const LooseSnapshot = z.object({
  type: z.literal('snapshot'),
  seq: z.number(),
  alerts: z.array(z.unknown()),
});
const LoosePositions = z.object({
  type: z.literal('positions'),
  features: z.array(z.unknown()),
  bans: z.array(z.unknown()).optional(),
});

/**
 * The only look at what came over the wire. One alert that a newer server words differently must
 * not take the other alerts of a snapshot with it.
 */
export function readInbound(text: string): Inbound {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { message: null, seq: null, unreadable: ['JSON'] };
  }
  const parsed = ServerToConsole.safeParse(json);
  if (parsed.success) {
    const seq = 'seq' in parsed.data ? parsed.data.seq : null;
    return { message: parsed.data, seq, unreadable: [] };
  }
  return salvaged(json);
}

function salvaged(json: unknown): Inbound {
  const loose = Loose.safeParse(json);
  if (!loose.success) return { message: null, seq: null, unreadable: ['?'] };
  const seq = loose.data.seq ?? null;
  const snapshot = LooseSnapshot.safeParse(json);
  if (snapshot.success) {
    const { readable: alerts, unreadable } = sorted(snapshot.data.alerts, Alert);
    return { message: { type: 'snapshot', seq: snapshot.data.seq, alerts }, seq, unreadable };
  }
  const positions = LoosePositions.safeParse(json);
  if (positions.success) {
    const features = sorted(positions.data.features, PositionFeature);
    const bans = sorted(positions.data.bans ?? [], BanFeature);
    return {
      message: { type: 'positions', features: features.readable, bans: bans.readable },
      seq,
      unreadable: [...features.unreadable, ...bans.unreadable],
    };
  }
  const what = loose.data.type === 'alert' ? nameOf(loose.data['alert']) : loose.data.type;
  return { message: null, seq, unreadable: [what] };
}

function sorted<T>(items: readonly unknown[], schema: z.ZodType<T>) {
  const readable: T[] = [];
  const unreadable: string[] = [];
  for (const item of items) {
    const parsed = schema.safeParse(item);
    if (parsed.success) readable.push(parsed.data);
    else unreadable.push(nameOf(item));
  }
  return { readable, unreadable };
}

/** So that the operator can ask a colleague with another console about this very alert. */
function nameOf(item: unknown): string {
  const alert = LooseAlert.safeParse(item);
  return alert.success ? `${alert.data.alertId} (P${alert.data.priority})` : 'item';
}
