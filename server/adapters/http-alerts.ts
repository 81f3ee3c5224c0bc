import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Alert, AlertEvent, isOpen } from '../../shared/alert.ts';
import {
  AcknowledgeBody,
  type AlertAct,
  CloseBody,
  DispatchBody,
  NoteBody,
  ShelveBody,
} from '../../shared/alert-act.ts';
import type { Device } from '../../shared/device.ts';
import { AlertId } from '../../shared/ids.ts';
import { fromInstant, toInstant } from '../../shared/instant.ts';
import type { Clock, Desk, Store } from '../ports.ts';
import { allow, identityOf } from './http-auth.ts';
import { linkWith, page, pageOf, PageQuery } from './http-page.ts';
import { ProblemError } from './http-problem.ts';
import { logLook, readTrack, TRACK_POSITIONS_MAX, TrackFeature } from './http-track.ts';

/** What led to an alert and what came after it, without becoming a diary. */
const TRACK_MARGIN_MS = 10 * 60_000;

const AlertView = Alert.meta({ id: 'Alert' });
const Params = z.object({ alertId: AlertId });
const READERS = ['operator', 'auditor'] as const;

const ACTS: readonly [path: string, type: AlertAct['type'], body: z.ZodType][] = [
  ['acknowledgement', 'acknowledge', AcknowledgeBody.nullish()],
  ['notes', 'note', NoteBody],
  ['dispatches', 'dispatch', DispatchBody],
  ['closure', 'close', CloseBody],
  ['shelving', 'shelve', ShelveBody],
];

export interface AlertParts {
  readonly desk: Desk;
  readonly store: Store;
  readonly clock: Clock;
}

export const alertRoutes =
  (parts: AlertParts): FastifyPluginAsyncZod =>
  async (app) => {
    await app.register(readAlerts(parts));
    await app.register(readTrackOfAlert(parts));
    for (const [path, type, body] of ACTS) {
      app.post(
        `/v1/alerts/:alertId/${path}`,
        {
          ...allow(['operator']),
          schema: { tags: ['alerts'], params: Params, body, response: { 201: AlertView } },
        },
        async (request, reply) => {
          const act = { ...(request.body as object | null), type } as AlertAct;
          const { username } = identityOf(request);
          const done = await parts.desk.act(request.params.alertId, act, username);
          if (!done.ok) throw new ProblemError(done.error);
          return reply.code(201).send(done.value);
        },
      );
    }
  };

const readAlerts =
  ({ desk, store }: AlertParts): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['alerts'];
    const Query = PageQuery.extend({ state: z.enum(['open', 'all']).default('all') });
    app.get(
      '/v1/alerts',
      {
        ...allow(READERS),
        schema: { tags, querystring: Query, response: { 200: pageOf(AlertView) } },
      },
      async (request) => {
        const { state, limit, after = null } = request.query;
        if (state === 'open') return page(request, openAlerts(desk, after), limit, rankOf);
        const found = await store.alerts({ state, limit: limit + 1, after });
        return page(request, found, limit, ({ alertId }) => alertId);
      },
    );
    app.get(
      '/v1/alerts/:alertId',
      { ...allow(READERS), schema: { tags, params: Params, response: { 200: AlertView } } },
      async (request) => findAlert(desk, store, request.params.alertId),
    );
    app.get(
      '/v1/alerts/:alertId/events',
      {
        ...allow(READERS),
        schema: { tags, params: Params, response: { 200: pageOf(AlertEvent) } },
      },
      async (request) => {
        const { alertId } = request.params;
        const found = await store.alertEvents(alertId);
        if (found.length === 0) await findAlert(desk, store, alertId);
        const items = found.map(({ atMs, ...event }) => ({ ...event, at: toInstant(atMs) }));
        return { items, next: null };
      },
    );
  };

/**
 * Most urgent first, then newest; the rank is also the place in the listing after which to go on.
 */
function openAlerts(desk: Desk, after: string | null): Alert[] {
  return desk
    .openAlerts()
    .map((alert) => ({ alert, rank: rankOf(alert) }))
    .filter(({ rank }) => after === null || rank > after)
    .toSorted((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ alert }) => alert);
}

/** Sorts as text: priority, then the time left until a day that never comes, then the id. */
const rankOf = ({ priority, raisedAt, alertId }: Alert): string =>
  `${priority}.${String(Number.MAX_SAFE_INTEGER - fromInstant(raisedAt)).padStart(16, '0')}.${alertId}`;

/** The desk knows the open ones even while the store fails. */
async function findAlert(desk: Desk, store: Store, alertId: AlertId): Promise<Alert> {
  const open = desk.openAlerts().find((alert) => alert.alertId === alertId);
  const found = open ?? (await store.alert(alertId));
  if (found === null) throw new ProblemError('unknown-alert');
  return found;
}

const readTrackOfAlert =
  ({ desk, store, clock }: AlertParts): FastifyPluginAsyncZod =>
  async (app) => {
    const Query = z.object({ after: z.coerce.number().int().optional() });
    app.get(
      '/v1/alerts/:alertId/track',
      {
        ...allow(['operator']),
        schema: {
          tags: ['alerts'],
          params: Params,
          querystring: Query,
          response: { 200: pageOf(TrackFeature) },
        },
      },
      async (request) => {
        const alert = await findAlert(desk, store, request.params.alertId);
        const reason = isOpen(alert) ? 'open alert' : 'closed alert';
        await logLook(desk, identityOf(request).username, 'track', alert.alertId, reason);
        const window = windowOf(alert, clock.nowMs());
        const fromMs = Math.max(window.fromMs, request.query.after ?? 0);
        const limit = TRACK_POSITIONS_MAX;
        const devices = devicesOf(alert, desk.devices());
        const items = await readTrack(store, devices, { ...window, fromMs, limit });
        const more = items.length > limit ? items[limit]! : null;
        if (more === null) return { items, next: null };
        const next = linkWith(request, { after: String(fromInstant(more.properties.time)) });
        return { items: items.slice(0, limit), next };
      },
    );
  };

function windowOf(alert: Alert, nowMs: number): { fromMs: number; untilMs: number } {
  const fromMs = fromInstant(alert.raisedAt) - TRACK_MARGIN_MS;
  const clearedAtMs = alert.clearedAt === null ? nowMs : fromInstant(alert.clearedAt);
  return { fromMs, untilMs: Math.min(nowMs, clearedAtMs + TRACK_MARGIN_MS) };
}

/** Only what the alert's own persons carry. */
const devicesOf = (alert: Alert, devices: readonly Device[]): Device[] =>
  devices.filter(({ personId }) => personId === alert.wearerId || personId === alert.victimId);
