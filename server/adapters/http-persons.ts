import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { PersonId } from '../../shared/ids.ts';
import { fromInstant, Instant, toInstant } from '../../shared/instant.ts';
import type { Clock, Desk, Store } from '../ports.ts';
import { allow, identityOf } from './http-auth.ts';
import { linkWith, pageOf } from './http-page.ts';
import { ProblemError } from './http-problem.ts';
import { logLook, readTrack, TRACK_POSITIONS_MAX, TrackFeature } from './http-track.ts';

/** Nobody needs more of a person's life in one look. */
const WINDOW_MS_MAX = 24 * 3_600_000;
const WINDOW_MS_DEFAULT = 3_600_000;

/** In a query an unescaped `+` arrives as a space; no instant has one otherwise. */
const QueryInstant = z.preprocess(
  (text) => (typeof text === 'string' ? text.replace(' ', '+') : text),
  Instant,
);
const Reason = z.string().trim().min(10, 'give a reason of at least 10 characters').max(2000);
const Query = z.object({
  from: QueryInstant.optional(),
  to: QueryInstant.optional(),
  reason: Reason.optional(),
});
/** The header keeps the reason out of logs of proxies on the way. */
const Headers = z.looseObject({ 'cordon-reason': Reason.optional() });

export interface PersonParts {
  readonly desk: Desk;
  readonly store: Store;
  readonly clock: Clock;
}

export const personRoutes =
  ({ desk, store, clock }: PersonParts): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/v1/persons/:personId/positions',
      {
        ...allow(['operator']),
        schema: {
          tags: ['persons'],
          params: z.object({ personId: PersonId }),
          querystring: Query,
          headers: Headers,
          response: { 200: pageOf(TrackFeature) },
        },
      },
      async (request) => {
        const { personId } = request.params;
        const reason = request.headers['cordon-reason'] ?? request.query.reason;
        const window = readWindow(request.query, reason, clock.nowMs());
        const devices = desk.devicesOf(personId);
        const what = isAlerted(desk, personId) ? 'positions' : 'break-glass';
        await logLook(desk, identityOf(request).username, what, personId, reason!);
        if (devices.length === 0) throw new ProblemError('unknown-person');
        const limit = TRACK_POSITIONS_MAX;
        const items = await readTrack(store, devices, { ...window, limit });
        if (items.length <= limit) return { items, next: null };
        const from = items[limit]!.properties.time;
        return { items: items.slice(0, limit), next: linkWith(request, { from }) };
      },
    );
  };

/**
 * Without an open alert that names the person, a look is breaking the glass and is logged as that.
 */
const isAlerted = (desk: Desk, personId: PersonId): boolean =>
  desk.openAlerts().some((a) => a.wearerId === personId || a.victimId === personId);

function readWindow(
  query: z.infer<typeof Query>,
  reason: string | undefined,
  nowMs: number,
): { fromMs: number; untilMs: number } {
  const untilMs = fromInstant(query.to ?? toInstant(nowMs));
  const fromMs = query.from ? fromInstant(query.from) : untilMs - WINDOW_MS_DEFAULT;
  const faults = [];
  if (reason === undefined) {
    const message = 'say why you look: as "reason" or in the header Cordon-Reason';
    faults.push({ path: ['reason'], message });
  }
  if (fromMs >= untilMs) faults.push({ path: ['to'], message: 'must be later than from' });
  if (untilMs - fromMs > WINDOW_MS_MAX) {
    faults.push({ path: ['from'], message: 'must be at most 24 hours before to' });
  }
  if (faults.length > 0) throw new ProblemError('invalid-input', faults);
  return { fromMs, untilMs };
}
