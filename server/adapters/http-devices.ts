import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Device, DeviceBody } from '../../shared/device.ts';
import { DeviceId } from '../../shared/ids.ts';
import type { Desk } from '../ports.ts';
import { allow, identityOf } from './http-auth.ts';
import { validateStrictly } from './http-input.ts';
import { page, pageOf, PageQuery } from './http-page.ts';
import { ProblemError } from './http-problem.ts';
import { utcOf } from './http-utc.ts';
import { isCanaryDevice } from '../service/canary-pair.ts';

const DeviceView = Device.meta({ id: 'Device' });

/** The canary's are known without being registered. */
const OrdinaryDeviceId = DeviceId.refine(
  (deviceId) => !isCanaryDevice(deviceId),
  'this is the canary of the server itself: give the device another id',
);

export const deviceRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    app.put(
      '/v1/devices/:deviceId',
      {
        ...allow(['administrator']),
        validatorCompiler: validateStrictly(['deviceId']),
        schema: {
          tags: ['devices'],
          params: z.object({ deviceId: OrdinaryDeviceId }),
          body: DeviceBody,
          response: { 200: DeviceView, 201: DeviceView },
        },
      },
      async (request, reply) => {
        const device: Device = { ...request.body, deviceId: request.params.deviceId };
        const done = await desk.putDevice(device, identityOf(request).username);
        if (!done.ok) throw new ProblemError(done.error);
        return reply.code(done.value.created ? 201 : 200).send(inUtc(device));
      },
    );

    app.get(
      '/v1/devices',
      {
        ...allow(['administrator']),
        schema: {
          tags: ['devices'],
          querystring: PageQuery,
          response: { 200: pageOf(DeviceView) },
        },
      },
      async (request) => {
        const { limit, after } = request.query;
        const found = desk
          .devices()
          .filter(({ deviceId }) => after === undefined || deviceId > after)
          .toSorted((a, b) => (a.deviceId < b.deviceId ? -1 : 1));
        return page(request, found.map(inUtc), limit, ({ deviceId }) => deviceId);
      },
    );
  };

function inUtc({ validFrom, validUntil, ...device }: Device): Device {
  return {
    ...device,
    validFrom: validFrom == null ? null : utcOf(validFrom),
    validUntil: validUntil == null ? null : utcOf(validUntil),
  };
}
