import { setImmediate } from 'node:timers/promises';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { BANS_PER_ORDER_MAX, type CourtOrder } from '../../shared/court-order.ts';
import { OrderId } from '../../shared/ids.ts';
import { OrderPreview, PreviewBody } from '../../shared/order-preview.ts';
import { type AreaBox, checkBan } from '../core/order-check.ts';
import type { Clock, Desk, Store } from '../ports.ts';
import { allow, identityOf } from './http-auth.ts';
import { validateStrictly } from './http-input.ts';
import { type InputFault, ProblemError } from './http-problem.ts';
import { logLook } from './http-track.ts';
import { newestPositions } from './preview-positions.ts';
import { previewTask } from './preview-task.ts';
import { previewer } from './preview-thread.ts';

export interface PreviewParts {
  readonly desk: Desk;
  readonly store: Store;
  readonly clock: Clock;
  readonly area: readonly AreaBox[];
}

/** As an order's: a zone of 10,000 points is under half a megabyte, and there may be several. */
const BODY_BYTES_MAX = 5 * 2 ** 20;
/** About as long as one preview takes at worst. */
const RETRY_AFTER_S = '30';

const Params = z.object({ orderId: OrderId });
const Answer = OrderPreview.meta({ id: 'OrderPreview' });

/** What somebody must know before saying yes to a version. (SPEC PV1) */
export const previewRoutes =
  ({ desk, store, clock, area }: PreviewParts): FastifyPluginAsyncZod =>
  async (app) => {
    const previews = previewer(clock);
    app.addHook('preClose', async () => previews.close());
    const geometry = new WeakMap<object, readonly InputFault[]>();
    app.post(
      '/v1/orders/:orderId/previews',
      {
        ...allow(['approver']),
        bodyLimit: BODY_BYTES_MAX,
        preValidation: async ({ body }) => {
          if (body) geometry.set(Object(body), await zoneFaults(body, area));
        },
        validatorCompiler: validateStrictly([], (body) => geometry.get(Object(body)) ?? []),
        schema: {
          tags: ['orders'],
          params: Params,
          body: PreviewBody,
          response: { 201: Answer },
        },
      },
      async (request, reply) => {
        const { orderId } = request.params;
        const versions = await store.orderVersions(orderId);
        const newest = versions.at(-1);
        if (!newest) throw new ProblemError('unknown-order');
        const drawn = request.body?.zones ?? {};
        const faults = nameFaults(Object.keys(drawn), newest.order);
        if (faults.length > 0) throw new ProblemError('invalid-input', faults);
        if (previews.isFull()) throw tooMany();
        const { username } = identityOf(request);
        await logLook(desk, username, 'preview', orderId, `preview of version ${newest.version}`);
        const nowMs = clock.nowMs();
        const task = await previewTask({ desk, store }, versions, drawn, nowMs);
        const deviceIds = task.devices.map(({ deviceId }) => deviceId);
        const done = await previews.preview(task, newestPositions(store, deviceIds, nowMs));
        if (!done.ok) throw done.error === 'too-many-previews' ? tooMany() : tookTooLong();
        return reply.code(201).send(done.value);
      },
    );
  };

const tooMany = (): ProblemError =>
  new ProblemError('too-many-previews', [], { 'retry-after': RETRY_AFTER_S });
const tookTooLong = (): ProblemError => new ProblemError('preview-took-too-long');

/** One zone a turn, as where an order comes in: nothing may hold up a warning. */
async function zoneFaults(body: unknown, area: readonly AreaBox[]): Promise<InputFault[]> {
  const { zones } = body as { zones?: unknown };
  if (typeof zones !== 'object' || zones === null) return [];
  const faults: InputFault[] = [];
  for (const [banId, zone] of Object.entries(zones).slice(0, BANS_PER_ORDER_MAX)) {
    for (const { path, message } of checkBan({ zone }, 0, area)) {
      // Of an order the place would begin with `bans`, a number and `zone`.
      faults.push({ path: ['zones', banId, ...path.slice(3)], message });
    }
    await setImmediate();
  }
  return faults;
}

function nameFaults(banIds: readonly string[], { bans }: CourtOrder): InputFault[] {
  return banIds.flatMap((banId): InputFault[] => {
    const ban = bans.find((each) => each.banId === banId);
    const path = ['zones', banId];
    if (!ban) return [{ path, message: `names no ban of this order: "${banId}"` }];
    if (ban.kind !== 'contact-ban') return [];
    return [{ path, message: 'is a contact ban, which has no zone: leave it out' }];
  });
}
