import { describe, expect, test } from 'vitest';
import { FeedbackEvent, FeedbackType, sequenceOf } from '../../shared/subscription.ts';
import type { OrderStatus } from '../../shared/court-order.ts';
import type { OrderId } from '../../shared/ids.ts';
import type { OrderCause } from '../../shared/order-view.ts';
import {
  changesCompliance,
  feedbackEvent,
  type FeedbackName,
  nameOfVersion,
  sourceOf,
} from '../../server/service/feedback-events.ts';
import { FeedbackJournal } from '../../server/service/feedback-journal.ts';
import { decisionStore, ORIGIN } from '../support/feedback-world.ts';
import { given } from '../support/given.ts';
import {
  aChange,
  aLook,
  anAlert,
  anOrderVersion,
  closedBy,
  T0_MS,
} from '../support/store-samples.ts';

type Step = readonly [cause: OrderCause, status: OrderStatus];
const versionsOf = (steps: readonly Step[]) => steps.map(([cause, status]) => ({ cause, status }));
const AWAITS = 'awaiting-approval';
const PUT: Step = ['put', AWAITS];
const APPROVED: Step = ['approval', 'active'];

describe('a version of an order', () => {
  const table: [what: string, name: FeedbackName, last: Step, ...earlier: Step[]][] = [
    ['a first text that awaits approval', 'received', PUT],
    ['a text where none is required', 'received', ['put', 'active']],
    ['its approval', 'approved', APPROVED, PUT],
    ['its rejection', 'rejected', ['rejection', 'rejected'], PUT],
    ['an amendment', 'received', PUT, PUT, APPROVED],
    ['its approval', 'approved', APPROVED, PUT, APPROVED, PUT],
    [
      'its rejection: the one before goes on',
      'rejected',
      ['rejection', 'active'],
      PUT,
      APPROVED,
      PUT,
    ],
    ['a suspension that awaits', 'received', ['suspension', AWAITS], PUT, APPROVED],
    ['its approval', 'suspended', ['approval', 'suspended'], PUT, APPROVED, ['suspension', AWAITS]],
    ['its rejection', 'rejected', ['rejection', 'active'], PUT, APPROVED, ['suspension', AWAITS]],
    ['a suspension at once', 'suspended', ['suspension', 'suspended'], PUT, APPROVED],
    [
      'an amendment approved while suspended',
      'approved',
      ['approval', 'suspended'],
      PUT,
      APPROVED,
      ['suspension', 'suspended'],
      PUT,
    ],
    [
      'a resumption',
      'resumed',
      ['resumption', 'active'],
      PUT,
      APPROVED,
      ['suspension', 'suspended'],
    ],
    ['a resumption of what nobody approved', 'received', ['resumption', AWAITS], PUT],
    [
      'the approval of that text',
      'approved',
      APPROVED,
      PUT,
      ['suspension', 'suspended'],
      PUT,
      ['resumption', AWAITS],
    ],
    [
      'the approval of a resumption',
      'resumed',
      APPROVED,
      PUT,
      APPROVED,
      ['suspension', 'suspended'],
      ['resumption', AWAITS],
    ],
    ['a withdrawal that awaits', 'received', ['withdrawal', AWAITS], PUT, APPROVED],
    ['its approval', 'withdrawn', ['approval', 'withdrawn'], PUT, APPROVED, ['withdrawal', AWAITS]],
    ['a withdrawal at once', 'withdrawn', ['withdrawal', 'withdrawn'], PUT],
    ['a zone that awaits', 'received', ['zone', AWAITS], PUT, APPROVED],
    ['its approval', 'zone-drawn', APPROVED, PUT, APPROVED, ['zone', AWAITS]],
    ['a zone and the text it belongs to', 'approved', APPROVED, PUT, ['zone', AWAITS]],
    ['a zone at once', 'zone-drawn', ['zone', 'active'], ['put', 'active']],
    ['a zone drawn while suspended', 'zone-drawn', ['zone', 'suspended'], ['put', 'active']],
    ['the end of its term', 'expired', ['expiry', 'expired'], PUT, APPROVED],
  ];

  test.each(table)('[FB2] %s is told as %s', (_, name, last, ...earlier) => {
    expect(nameOfVersion(versionsOf([last])[0]!, versionsOf(earlier))).toBe(name);
  });
});

describe('a change of an alert', () => {
  const breach = anAlert('a');
  const approach = anAlert('a', { stage: 'approach', priority: 2 });
  const late = anAlert('a', { retrospective: true, priority: 2, state: 'cleared-unacknowledged' });
  const table = [
    // what                        change     record    was    told
    ['a breach',                   'raised',  breach,   false, true],
    ['an approach',                'raised',  approach, false, false],
    ['a breach learnt late',       'raised',  late,     false, true],
    ['an approach that breaches',  'updated', breach,   false, true],
    ['a breach that goes on',      'updated', breach,   true,  false],
    ['a breach that eases',        'updated', approach, true,  false],
    ['a breach once more',         'updated', breach,   true,  false],
    ['a breach that clears',       'cleared', breach,   true,  false],
    ['a closed breach',            'closed',  breach,   true,  true],
    ['a closed breach that eased', 'closed',  approach, true,  true],
    ['a closed approach',          'closed',  approach, false, false],
    ['a fault of a device',        'raised',  anAlert('a', { kind: 'device', orderId: null }), false, false],
  ] as const; // prettier-ignore

  test.each(table)('[FB3] %s (%s)', (_, change, record, wasBreach, told) => {
    expect(changesCompliance({ change, record }, wasBreach)).toBe(told);
  });
});

describe('an event', () => {
  const row = { seq: 41, atMs: T0_MS, hash: 'ab'.repeat(32) };

  test('[FB1] is an envelope of the NL GOV profile', () => {
    const event = feedbackEvent(row, 'approved', 'order 1' as OrderId, ORIGIN);
    expect(FeedbackEvent.parse(event)).toEqual({
      specversion: '1.0',
      id: 'ab'.repeat(16),
      source: 'urn:nld:oin:00000000000000000000:systeem:cordon',
      type: 'nl.cordon.order.approved.v1',
      time: '2026-11-23T10:00:00.000Z',
      dataref: 'https://cordon.example/v1/orders/order%201/versions',
      sequence: '0000000000000041',
    });
    const changed = feedbackEvent(row, 'compliance-changed', 'o' as OrderId, ORIGIN);
    expect(changed.dataref).toMatch(/\/v1\/orders\/o\/compliance$/);
  });

  test('[FB1] has a type in reverse domain order with one version', () => {
    for (const type of FeedbackType.options) expect(type).toMatch(/^nl(\.[a-z-]+)+\.v1$/);
  });

  test('[FB1] has a sequence that sorts as text', () => {
    const seqs = [1, 9, 10, 99, 100, 2 ** 40, Number.MAX_SAFE_INTEGER];
    expect(seqs.map(sequenceOf).toSorted().map(Number)).toEqual(seqs);
  });

  test('[FB1] names whose system it is', () => {
    const oin = '00000001823288444000';
    expect(sourceOf(oin)).toBe('urn:nld:oin:00000001823288444000:systeem:cordon');
  });
});

/** All events of a journal, read in pieces of its own size. */
async function eventsIn(store: ReturnType<typeof decisionStore>, fromSeq = 0) {
  const journal = new FeedbackJournal(store, ORIGIN);
  const events: FeedbackEvent[] = [];
  for (let seq = fromSeq, more = true; more;) {
    const batch = await journal.read(seq);
    events.push(...batch.events);
    seq = batch.readToSeq;
    more = batch.more;
  }
  return events;
}
const namesOf = (events: readonly FeedbackEvent[]): string[] =>
  events.map(({ type, sequence }) => `${type.split('.')[3]} ${Number(sequence)}`);

describe('the journal', () => {
  const at = (s: number) => ({ updatedAtMs: T0_MS + s * 1000 });
  const breach = anAlert('a');
  const eased = anAlert('a', { stage: 'approach', ...at(3) });

  test('[FB1] [FB3] gives the same events wherever one begins to read', async () => {
    const store = decisionStore();
    await store.append([
      anOrderVersion(1),
      aChange(anAlert('a', { stage: 'approach', priority: 2 })),
      aLook('p'),
      aChange(anAlert('a', at(1)), { change: 'updated' }),
      aChange(anAlert('a', at(2)), { change: 'updated' }),
      aChange(eased, { change: 'updated' }),
      aChange(anAlert('a', at(4)), { change: 'updated' }),
      aChange({ ...eased, ...at(5) }, { change: 'updated' }),
      aChange({ ...eased, ...closedBy('anna', T0_MS + 6000) }, { change: 'closed' }),
      anOrderVersion(2),
    ]);
    const all = await eventsIn(store);
    expect(namesOf(all)).toEqual([
      'received 1',
      'compliance-changed 4',
      'compliance-changed 9',
      'suspended 10',
    ]);
    for (let seq = 0; seq <= 10; seq++) {
      const after = all.filter(({ sequence }) => Number(sequence) > seq);
      expect(await eventsIn(store, seq)).toEqual(after);
    }
  });

  test('[FB1] is read on from where it ended, by as many as want', async () => {
    const store = decisionStore();
    await store.append([aChange(breach)]);
    const journal = new FeedbackJournal(store, ORIGIN);
    const [one, two] = await Promise.all([journal.read(0), journal.read(0)]);
    expect(one).toBe(two);
    expect(namesOf(one.events)).toEqual(['compliance-changed 1']);
    expect((await journal.read(1)).events).toEqual([]);
    await store.append([aChange(anAlert('a', at(1)), { change: 'updated' })]);
    const [three, four] = await Promise.all([journal.read(1), journal.read(1)]);
    expect([three, four]).toMatchObject([{ events: [], readToSeq: 2 }, { events: [] }]);
  });

  test('[FB1] [FB3] of encounters holds nothing of persons, places and references', async () => {
    const store = decisionStore();
    await store.append([anOrderVersion(1, 'ord-1'), anOrderVersion(2, 'ord-1')]);
    const world = given()
      .fixes('phone', 1, 60, 5, { eastM: 0 })
      .fixes('ankle', 1, 60, 5, { eastM: 3_000 })
      .fixes('phone', 65, 240, 5, { eastM: 0 })
      .fixes('ankle', 66, 240, 5, { eastM: 100 });
    const { alertId } = world.alert('contact-ban');
    world.act(alertId, { type: 'close', finding: 'w-1 was at 5.1' }, 241, 'anna');
    await store.append(
      world.told.map((change) => ({ type: 'alert-change', change, feed: null }) as const),
    );
    const events = await eventsIn(store);
    expect(namesOf(events).filter((name) => name.startsWith('compliance'))).toHaveLength(2);
    const text = JSON.stringify(events);
    const persons = ['w-1', 'v-1', 'ankle', 'phone', 'anna', 'cjib'];
    const words = ['CJIB', 'TEST-1', alertId, '"b1"', 'Zoë', 'contact', 'on request', 'distance'];
    const secrets = [...persons, ...words, '5.1', '52.'];
    for (const secret of secrets) expect(text).not.toContain(secret);
  });
});
