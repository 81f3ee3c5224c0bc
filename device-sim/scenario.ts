import { z } from 'zod';
import { Ban, LegalBasis, OrderException } from '../shared/court-order.ts';
import { DeviceKind } from '../shared/device.ts';
import { DeviceId, OrderId, PersonId } from '../shared/ids.ts';
import { LonLat } from '../shared/zone.ts';
import { EnvironmentName } from './environment.ts';
import { Happening } from './happening.ts';
import { AtEnd, Leg } from './itinerary.ts';

const DEVICES_MAX = 10_000;
const LEGS_MAX = 500;
const HAPPENINGS_MAX = 100;

const Journey = z.strictObject({
  start: LonLat,
  /** None: stays where it starts. */
  legs: z.array(Leg).max(LEGS_MAX).default([]),
  atEnd: AtEnd.default('stay'),
});

/** Name of a file in `tracks/`. */
const RecordedTrip = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/, 'give the name of a file in tracks/, without .json'),
  atEnd: AtEnd.default('stay'),
});

const ScenarioDevice = z
  .strictObject({
    deviceId: DeviceId,
    kind: DeviceKind,
    personId: PersonId,
    reportIntervalS: z.number().min(1).max(3_600).default(15),
    /** Reports more often by itself when it moves or is near a zone's edge. */
    adaptive: z.boolean().default(false),
    environment: EnvironmentName.default('suburban'),
    journey: Journey.optional(),
    track: RecordedTrip.optional(),
    happenings: z.array(Happening).max(HAPPENINGS_MAX).default([]),
    battery: z.number().positive().max(1).default(0.9),
    clock: z
      .strictObject({ offsetS: z.number().default(0), driftPpm: z.number().default(0) })
      .prefault({}),
    /** Of its own accord, beside what `happenings` script. */
    coverageLossesPerHour: z.number().min(0).max(60).optional(),
  })
  .refine(({ journey, track }) => (journey === undefined) !== (track === undefined), {
    path: ['journey'],
    error: 'give either a journey or a track',
  })
  .refine(({ adaptive, kind }) => !adaptive || kind === 'ankle-monitor', {
    path: ['adaptive'],
    error: "only an ankle monitor is: a victim's device does as the server asks",
  });
export type ScenarioDevice = z.infer<typeof ScenarioDevice>;

/**
 * A court order without its dates: those are set around the time at which the scenario is played.
 */
const ScenarioOrder = z.strictObject({
  orderId: OrderId,
  reference: z.string().min(1).max(200),
  legalBasis: LegalBasis,
  wearerId: PersonId,
  bans: z.array(Ban).min(1),
  exceptions: z.array(OrderException).optional(),
});

/** What a file in `scenarios/` holds. */
export const Scenario = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9-]+$/, 'use small letters, digits and -'),
    description: z.string().min(1).max(500),
    seed: z.int().min(0).max(0xffff_ffff),
    startDelayS: z.number().min(0).max(3_600).default(0),
    devices: z.array(ScenarioDevice).min(1).max(DEVICES_MAX),
    orders: z.array(ScenarioOrder).default([]),
  })
  .superRefine((scenario, context) => {
    const deviceIds = new Set<string>();
    scenario.devices.forEach(({ deviceId }, index) => {
      if (deviceIds.has(deviceId)) {
        const message = `is used twice: "${deviceId}"`;
        context.addIssue({ code: 'custom', path: ['devices', index, 'deviceId'], message });
      }
      deviceIds.add(deviceId);
    });
  });
export type Scenario = z.infer<typeof Scenario>;
