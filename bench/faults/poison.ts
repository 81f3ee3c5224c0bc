import { fleetSetup } from '../../device-sim/load-fleet.ts';
import { prng, type Prng } from '../../shared/prng.ts';
import { topicOf } from '../../shared/topics.ts';
import { orderOf, register } from '../../test/e2e/case-world.ts';
import { brokerOf, connectDevice, positionAt } from '../../test/e2e/device-client.ts';
import { type ServerProcess, startServer } from '../../test/support/server-process.ts';
import { type Fault, largest, millis, outcomeOf, quantile } from './fault.ts';
import { enrol } from './fleet-check.ts';
import { healthAt } from './in-service.ts';

const NEIGHBOURS = 20;
const STALL_MS_MAX = 2_000;
const PROBE_EVERY_MS = 50;
const RANDOM_MESSAGES = 2_000;
const RANDOM_MESSAGES_QUICK = 200;
const RANDOM_BYTES_MAX = 4_000;
const TIMES = 2;
const SEED_OFFSET = 16;

const HERE = { lon: 5.1, lat: 52.1 };
const position = (other: object): string => JSON.stringify({ ...positionAt(1, HERE), ...other });

/** Each has broken some parser, some number or some store. */
const POISON: readonly (string | Buffer)[] = [
  '',
  'null',
  '"position"',
  '[[[[]]]]',
  `${'['.repeat(30_000)}${']'.repeat(30_000)}`,
  `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
  position({}).replace('}', ',"__proto__":{"seq":9},"constructor":{"prototype":{"lat":0}}}'),
  position({ lat: 'HERE' }).replace('"HERE"', '1e309'),
  position({ seq: 2 ** 53 }),
  position({ seq: -1 }),
  position({ seq: 1.5 }),
  position({ time: '+275760-09-13T00:00:00.000Z' }),
  position({ time: '2026-13-45T99:99:99Z' }),
  position({ boot: '\u0000' }),
  position({ boot: '\ud800' }),
  position({ pad: 'x'.repeat(70_000) }),
  Buffer.from([0xff, 0xfe, 0xfd, 0x00]),
  Buffer.alloc(60_000),
  JSON.stringify(Array.from({ length: 500 }, () => ({}))),
  JSON.stringify(Array.from({ length: 501 }, (_, seq) => ({ ...positionAt(seq, HERE) }))),
];

export const poison: Fault = {
  number: 16,
  name: 'poisonous messages',
  fault: `${POISON.length} malformed and hostile messages, each ${TIMES} times on every channel, and ${RANDOM_MESSAGES.toLocaleString('en')} random ones`,
  expected: `other devices are acknowledged within ${millis(STALL_MS_MAX)} throughout; every bad message is counted; the sender’s next good one is taken`,
  perStore: false,
  async run({ quick, seed, patience }) {
    const server = await startServer();
    try {
      const setup = fleetSetup(NEIGHBOURS, Date.now());
      await enrol(server, setup);
      await register(server, 'poisoner', 'w-poisoner');
      const desk = await server.openConsole();
      const neighbour = await watched(server, setup.devices[0]!.deviceId);
      const device = await connectDevice(brokerOf(server), 'poisoner');
      const random = randomMessages(
        seed + SEED_OFFSET,
        quick ? RANDOM_MESSAGES_QUICK : RANDOM_MESSAGES,
      );
      const sent = await sendAll(device, [
        ...POISON.flatMap((each) => Array<typeof each>(TIMES).fill(each)),
        ...random,
      ]);
      const good = await device.deliver('position', positionAt(77, HERE)).then(
        () => true,
        () => false,
      );
      const waits = await neighbour.stop();
      const rejected = await rejections(server);
      const parked = desk.changes().some(({ code }) => code === 'message-parked');
      const failed = desk.changes().filter(({ code }) => code === 'case-failed').length;
      const ready = (await healthAt(server.httpUrl))?.ready === true;
      await Promise.all([device.close(), desk.close()]);
      return outcomeOf(
        [
          { what: 'no stall', holds: largest(waits) <= STALL_MS_MAX * patience },
          { what: 'the next good one taken', holds: good && ready },
          { what: 'no case failed', holds: failed === 0 },
          { what: 'bad ones counted', holds: rejected >= sent / 2 },
        ],
        [
          `${sent} messages sent, ${rejected} faults counted`,
          `${waits.length} acknowledgements of a neighbour meanwhile: p99 ${millis(quantile(waits, 0.99))}, worst ${millis(largest(waits))}`,
          `message-parked ${parked ? 'told' : 'not told'}`,
        ],
        ['none of them broke anything, so nothing had to be parked'],
      );
    } finally {
      await server.remove();
    }
  },
};

/** Bytes that are nearly messages: good ones with some bytes changed, and noise. */
function randomMessages(seed: number, count: number): Buffer[] {
  const random = prng(seed);
  return Array.from({ length: count }, () => {
    if (random.next() < 0.3) return noise(random);
    const bytes = Buffer.from(position({ seq: 1_000 + random.below(1_000) }));
    for (let i = 0; i <= random.below(4); i++)
      bytes[random.below(bytes.length)] = random.below(256);
    return bytes;
  });
}

const noise = (random: Prng): Buffer =>
  Buffer.from(Array.from({ length: random.below(RANDOM_BYTES_MAX) }, () => random.below(256)));

type Sender = Awaited<ReturnType<typeof connectDevice>>;

async function sendAll(device: Sender, payloads: readonly (string | Buffer)[]): Promise<number> {
  const channels = ['position', 'event', 'status', 'receipt'] as const;
  let sent = 0;
  for (const payload of payloads) {
    const channel = channels[sent % channels.length]!;
    await device.mqtt.publishAsync(topicOf('poisoner', channel), payload, { qos: 1 });
    sent += 1;
  }
  return sent;
}

/** Delivers positions one after the other and notes how long each acknowledgement took. */
async function watched(
  server: ServerProcess,
  deviceId: string,
): Promise<{ stop(): Promise<readonly number[]> }> {
  const device = await connectDevice(brokerOf(server), deviceId);
  const waits: number[] = [];
  let going = true;
  const run = async (): Promise<void> => {
    for (let seq = 0; going; seq++) {
      const begunMs = performance.now();
      await device.deliver('position', positionAt(seq, HERE));
      waits.push(performance.now() - begunMs);
      await new Promise((resolve) => setTimeout(resolve, PROBE_EVERY_MS));
    }
  };
  const running = run();
  return {
    async stop() {
      going = false;
      await running;
      await device.close();
      return waits;
    },
  };
}

async function rejections(server: ServerProcess): Promise<number> {
  const { text } = await server.ask(null, 'GET', '/metrics');
  return text
    .split('\n')
    .filter((line) => line.startsWith('cordon_rejections_total{'))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

const ring = (...points: readonly (readonly [number, number])[]): object => ({
  type: 'Polygon',
  coordinates: [points],
});
const SW = [5.1, 52.08] as const;
const SE = [5.12, 52.08] as const;
const NE = [5.12, 52.1] as const;
const NW = [5.1, 52.1] as const;

/** Shapes that no court can have meant. */
const BAD_ZONES: Readonly<Record<string, unknown>> = {
  'a bow-tie': ring(SW, NE, SE, NW, SW),
  'not closed': ring(SW, SE, NE, NW),
  'three points': ring(SW, SE, SW),
  'no points': ring(),
  'no ring': { type: 'Polygon', coordinates: [] },
  'all in one place': ring(SW, SW, SW, SW, SW),
  'a line': ring(SW, SE, [5.11, 52.08], SW),
  'swapped axes': ring([52.08, 5.1], [52.08, 5.12], [52.1, 5.12], [52.1, 5.1], [52.08, 5.1]),
  'Dutch map metres': ring(
    [136_000, 455_000],
    [137_000, 455_000],
    [137_000, 456_000],
    [136_000, 455_000],
  ),
  'the middle of the sea': ring([0, 0], [0.1, 0], [0.1, 0.1], [0, 0]),
  'null coordinates': { type: 'Polygon', coordinates: [[SW, [null, null], NE, SW]] },
  'text for numbers': { type: 'Polygon', coordinates: [[SW, ['5.12', '52.08'], NE, SW]] },
  'a point': { type: 'Point', coordinates: SW },
  'a hole outside': {
    type: 'Polygon',
    coordinates: [
      [SW, SE, NE, NW, SW],
      [
        [6, 52],
        [6.1, 52],
        [6.1, 52.1],
        [6, 52],
      ],
    ],
  },
  'a circle of nothing': { type: 'Circle', center: SW, radiusM: 0.01 },
  'a negative circle': { type: 'Circle', center: SW, radiusM: -100 },
  'more points than fit': ring(
    ...Array.from({ length: 20_001 }, (_, i) => [5 + i / 1e6, 52.08] as const),
    SW,
  ),
};

export const poisonOrder: Fault = {
  number: 17,
  name: 'poisonous orders',
  fault: `orders with ${Object.keys(BAD_ZONES).length} impossible zones are put`,
  expected: `each refused with 400 and its reason; other devices acknowledged within ${millis(STALL_MS_MAX)} throughout; nothing stored`,
  perStore: false,
  async run({ patience }) {
    const server = await startServer();
    try {
      const setup = fleetSetup(2, Date.now());
      await enrol(server, setup);
      const neighbour = await watched(server, setup.devices[0]!.deviceId);
      const wrong: string[] = [];
      for (const [what, zone] of Object.entries(BAD_ZONES)) {
        const ban = { banId: 'b', kind: 'location-ban', name: 'home', zone };
        const answer = await server.ask('cjib', 'PUT', '/v1/orders/o-bad', orderOf('w-bad', [ban]));
        if (answer.status !== 400 || !answer.text.includes('zone'))
          wrong.push(`${what}: ${answer.status}`);
      }
      const stored = await server.ask('cjib', 'GET', '/v1/orders/o-bad');
      const waits = await neighbour.stop();
      const total = Object.keys(BAD_ZONES).length;
      return outcomeOf(
        [
          { what: `refused (${wrong.join(', ')})`, holds: wrong.length === 0 },
          { what: 'nothing stored', holds: stored.status === 404 },
          { what: 'no stall', holds: largest(waits) <= STALL_MS_MAX * patience },
        ],
        [
          `${total - wrong.length} of ${total} refused with 400 and the place of the fault`,
          `a neighbour’s acknowledgements: worst of ${waits.length} ${millis(largest(waits))}`,
        ],
      );
    } finally {
      await server.remove();
    }
  },
};
