import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DevicePlan } from '../../device-sim/device-plan.ts';
import type { Outgoing } from '../../device-sim/device-outgoing.ts';
import { seqsIn } from '../../device-sim/device-outgoing.ts';
import { type DeviceState, type Inbound, initialDevice } from '../../device-sim/device-state.ts';
import { HOSTILE_NETWORK } from '../../device-sim/network.ts';
import { nextStepMs, step } from '../../device-sim/simulated-device.ts';
import { arrivals } from '../../device-sim/world.ts';
import { DeviceEvent } from '../../shared/device-message.ts';
import { planOf, positionsIn, standing, START_MS } from './one-device.ts';

type Sent = { atS: number; message: Outgoing };

/** Steps a device by its own wishes; `server` answers each message in the next step. */
function live(
  plan: DevicePlan,
  forS: number,
  server: (message: Outgoing, atS: number) => Inbound[] = acks,
): { sent: Sent[]; state: DeviceState } {
  const sent: Sent[] = [];
  let state = initialDevice(plan);
  let inbox: Inbound[] = [];
  let nowMs = plan.startMs;
  while (nowMs <= plan.startMs + forS * 1_000) {
    const stepped = step(plan, state, nowMs, inbox);
    state = stepped.state;
    const atS = (nowMs - plan.startMs) / 1_000;
    sent.push(...stepped.messages.map((message) => ({ atS, message })));
    inbox = stepped.messages.flatMap((message) => server(message, atS));
    nowMs = inbox.length > 0 ? nowMs + 1 : nextStepMs(plan, state);
  }
  return { sent, state };
}

function acks(message: Outgoing): Inbound[] {
  const seqs = seqsIn(message);
  return seqs.length > 0 ? [{ type: 'ack', ack: { seqs } }] : [];
}

const eventsIn = (sent: readonly Sent[]): { kind: string; atS: number }[] =>
  sent
    .filter(({ message }) => message.channel === 'event')
    .map(({ atS, message }) => ({
      kind: DeviceEvent.parse(message.payload).kind,
      atS: Math.round(atS),
    }));

const command = (body: object): Inbound => ({
  type: 'command',
  command: { id: 'c-1', ...body } as Extract<Inbound, { type: 'command' }>['command'],
});

describe('store and forward', () => {
  test('nothing is deleted before the server says that it is durable', () => {
    const { sent, state } = live(planOf(), 60, () => []);
    expect(state.outbox.records).toHaveLength(7);
    const tries = sent.filter(({ message }) => seqsIn(message).includes(0));
    expect(tries.map(({ atS }) => atS)).toEqual([0, 20, 60]);
  });

  test('an acknowledgement deletes what it names, of the boot it names', () => {
    const answer = (ack: Extract<Inbound, { type: 'ack' }>['ack']): number =>
      live(planOf(), 45, (_, atS) => (atS === 30 ? [{ type: 'ack', ack }] : [])).state.outbox
        .records.length;
    expect(answer({ seqs: [0, 2] })).toBe(3);
    expect(answer({ upTo: 2 })).toBe(2);
    expect(answer({ upTo: 2, boot: 'b-1' })).toBe(2);
    expect(answer({ upTo: 2, boot: 'another' })).toBe(5);
  });

  test('what was never sent is not deleted, whatever the server says', () => {
    const plan = planOf([{ kind: 'coverage-loss', fromS: 15, untilS: 200 }]);
    const { state } = live(plan, 150, () => [{ type: 'ack', ack: { upTo: 1_000_000 } }]);
    expect(state.outbox.records.map(({ body }) => body.seq)).toContain(5);
  });

  test('after an outage the newest fix comes first and alone, then the rest, oldest first', () => {
    const plan = planOf([{ kind: 'coverage-loss', fromS: 31, untilS: 95 }]);
    const { sent, state } = live(plan, 129);
    const after = sent.filter(({ atS }) => atS >= 95).map(({ message }) => seqsIn(message));
    expect(after.slice(0, 2)).toEqual([[9], [4, 5, 6, 7, 8]]);
    expect(sent.some(({ atS }) => atS > 31 && atS < 95)).toBe(false);
    expect(state.outbox.records).toHaveLength(0);
  });

  test('unacknowledged records are sent again, with growing pauses', () => {
    const { sent } = live(planOf([], { reportIntervalMs: 3_600_000 }), 400, () => []);
    const times = sent.filter(({ message }) => seqsIn(message).includes(0)).map(({ atS }) => atS);
    expect(times).toEqual([0, 20, 60, 140, 300]);
  });

  test('nothing is lost on a network that loses, doubles, delays and reorders', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const startMs = START_MS;
        const plan = planOf([{ kind: 'silence', fromS: 300, untilS: 900 }], { seed });
        const settings = { ...HOSTILE_NETWORK, coverageLossesPerHour: 0 };
        // Longer than what must arrive, so that what is missing can still be sent again.
        const untilMs = startMs + 2_400_000;
        const seen = new Set<number>();
        for (const { message } of arrivals({
          plans: [plan],
          seed,
          startMs,
          untilMs,
          settings,
        })) {
          for (const seq of seqsIn(message)) seen.add(seq);
        }
        const missing = Array.from({ length: 150 }, (_, seq) => seq).filter(
          (seq) => !seen.has(seq),
        );
        expect(missing).toEqual([]);
      }),
      { seed: 1, numRuns: 15 },
    );
  });
});

describe('happenings', () => {
  test('silence is silent, and is no goodbye', () => {
    const { sent } = live(planOf([{ kind: 'silence', fromS: 10 }]), 300);
    expect(sent.every(({ atS }) => atS < 10)).toBe(true);
    expect(sent.filter(({ message }) => message.channel === 'status')).toHaveLength(1);
  });

  test('each device tells of what it has a sense for, at once', () => {
    const all = [
      { kind: 'sos', atS: 21 },
      { kind: 'strap-cut', atS: 33 },
      { kind: 'case-opened', atS: 47 },
    ] as const;
    const ankle = eventsIn(live(planOf(all), 60).sent);
    expect(ankle).toEqual([
      { kind: 'strap-tamper', atS: 33 },
      { kind: 'case-tamper', atS: 47 },
    ]);
    const victim = eventsIn(live(planOf(all, { kind: 'victim-device' }), 60).sent);
    expect(victim).toEqual([{ kind: 'sos', atS: 21 }]);
  });

  test('a repeated happening happens again', () => {
    const sos = { kind: 'sos', atS: 20, everyS: 100 } as const;
    const { sent } = live(planOf([sos], { kind: 'victim-device' }), 250);
    expect(eventsIn(sent).map(({ atS }) => atS)).toEqual([20, 120, 220]);
  });

  test('a jammer leaves the mast as the only source', () => {
    const plan = planOf([{ kind: 'jam', fromS: 15, untilS: 45 }], {
      whereabouts: standing('open-sky'),
    });
    const { sent } = live(plan, 60);
    expect(eventsIn(sent)).toEqual([{ kind: 'jamming', atS: 15 }]);
    const sources = sent.flatMap(({ message }) => positionsIn(message).map(({ source }) => source));
    expect(sources).toEqual(['gnss', 'gnss', 'cell', 'cell', 'cell', 'gnss', 'gnss']);
  });

  test('an emptying battery warns once, and ends in power-off', () => {
    const plan = planOf([
      { kind: 'battery', atS: 15, level: 0.1 },
      { kind: 'battery', atS: 35, level: 0 },
    ]);
    const { sent } = live(plan, 120);
    expect(eventsIn(sent)).toEqual([
      { kind: 'battery-low', atS: 15 },
      { kind: 'power-off', atS: 35 },
    ]);
    expect(sent.at(-1)?.message.payload).toMatchObject({ state: 'offline' });
    expect(sent.at(-1)?.atS).toBe(35);
  });

  test('switched on again, seq goes on and boot is a new one', () => {
    const { sent } = live(planOf([{ kind: 'power-off', fromS: 25, untilS: 65 }]), 100);
    const positions = sent.flatMap(({ message }) => positionsIn(message));
    const seqs = positions.map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
    expect(new Set(seqs).size).toBe(seqs.length);
    expect(new Set(positions.map(({ boot }) => boot))).toEqual(new Set(['b-1', 'b-2']));
    const states = sent.filter(({ message }) => message.channel === 'status');
    expect(states.map(({ message }) => message.payload)).toMatchObject([
      { state: 'online' },
      { state: 'offline' },
      { state: 'online' },
    ]);
  });

  test('a clock that is off and drifts shows in the times', () => {
    const plan = planOf([], { clock: { offsetMs: 5_000, driftPpm: 1_000 } });
    const times = live(plan, 100).sent.flatMap(({ message }) =>
      positionsIn(message).map(({ time }) => Date.parse(time) - START_MS),
    );
    expect(times.slice(0, 2)).toEqual([5_000, 15_010]);
  });
});

describe('commands', () => {
  const after = (body: object, changes: Partial<DevicePlan> = {}): Sent[] =>
    live(planOf([], changes), 60, (message, atS) => [
      ...acks(message),
      ...(atS === 20 && message.channel === 'position' ? [command(body)] : []),
    ]).sent;
  const receipts = (sent: Sent[]): unknown[] =>
    sent
      .filter(({ message }) => message.channel === 'receipt')
      .map(({ message }) => message.payload);

  test('report-interval is obeyed', () => {
    const sent = after({ kind: 'report-interval', seconds: 5 });
    const times = sent
      .filter(({ message }) => message.channel === 'position')
      .map(({ atS }) => atS);
    expect(times.map(Math.round)).toEqual([0, 10, 20, 25, 30, 35, 40, 45, 50, 55]);
    expect(receipts(sent)).toMatchObject([{ id: 'c-1', state: 'delivered' }]);
  });

  test('locate is answered at once', () => {
    const sent = after({ kind: 'locate' });
    expect(
      sent.filter(({ atS }) => atS > 20 && atS < 21).map(({ message }) => message.channel),
    ).toEqual(['position', 'receipt']);
  });

  test('a message is delivered, and shown where there is a screen', () => {
    const message = { kind: 'message', text: 'u bent veilig' };
    expect(receipts(after(message))).toMatchObject([{ state: 'delivered' }]);
    expect(receipts(after(message, { kind: 'victim-device' }))).toMatchObject([
      { state: 'delivered' },
      { state: 'shown' },
    ]);
  });
});

test('the same step from the same state is the same step', () => {
  const plan = planOf();
  const { state } = live(plan, 95);
  const nowMs = nextStepMs(plan, state);
  expect(step(plan, state, nowMs)).toEqual(step(plan, state, nowMs));
});
