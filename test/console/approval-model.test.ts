import { describe, expect, test } from 'vitest';
import { APPROVAL_WORDS } from '../../console/approval-catalogue.ts';
import { changeTitle, changeValue } from '../../console/approval-change-words.ts';
import { areaText, rateText, scheduleText } from '../../console/approval-figures.ts';
import { type ApprovalMessage, FIRST_STATE, reduce } from '../../console/approval-model.ts';
import { zoneFaults } from '../../console/approval-problem.ts';
import { askOf, lacksZone } from '../../console/approval-queue-order.ts';
import { cautionsOf, rowsOf, stepsOf, untoldCount } from '../../console/approval-selectors.ts';
import { OrderView } from '../../shared/order-view.ts';
import { NOW_MS, secondsAgo } from './fixtures.ts';

const zone = { type: 'Circle', center: [5.1, 52.1], radiusM: 100 };
const place = { banId: 'b2', kind: 'location-ban', name: 'home', place: 'Kerkstraat 12' };

function orderOf(orderId: string, patch: Record<string, unknown> = {}): OrderView {
  return OrderView.parse({
    orderId,
    reference: `ref-${orderId}`,
    legalBasis: 'behavioural-order',
    wearerId: 'w-1',
    validFrom: '2026-11-01T00:00:00+01:00',
    validUntil: '2027-01-30T00:00:00+01:00',
    bans: [{ banId: 'b1', kind: 'contact-ban', victimId: 'v-1', distanceM: 500 }],
    version: 1,
    status: 'awaiting-approval',
    at: secondsAgo(3_600),
    by: 'cjib',
    cause: 'put',
    reason: null,
    standing: null,
    enforcement: [],
    ...patch,
  });
}

const after = (...messages: ApprovalMessage[]) => messages.reduce(reduce, FIRST_STATE);
const listed = (...orders: OrderView[]): ApprovalMessage => ({
  type: 'listed',
  orders,
  whole: true,
  complete: true,
});

describe('what an order asks', () => {
  const active = { version: 1, status: 'active' };
  test.each([
    ['a first text', {}, 'new-order'],
    ['a first text with its zone drawn', { cause: 'zone' }, 'new-order-drawn'],
    ['a later text', { standing: active }, 'amendment'],
    ['a zone of what stands', { cause: 'zone', standing: active }, 'zone'],
    ['to stop for a while', { cause: 'suspension', standing: active }, 'suspension'],
    ['to stop for good', { cause: 'withdrawal', standing: active }, 'withdrawal'],
    ['nothing', { status: 'active', standing: active }, null],
  ])('%s', (_what, patch, ask) => {
    expect(askOf(orderOf('o', patch))).toBe(ask);
  });

  test.each([
    ['without a zone', { bans: [place] }, true],
    ['with one', { bans: [{ ...place, zone }] }, false],
    ['without a zone, rejected', { bans: [place], status: 'rejected' }, false],
    ['without a zone, withdrawn', { bans: [place], status: 'withdrawn' }, false],
    [
      'with one that is rejected, over a text without',
      {
        bans: [{ ...place, zone }],
        status: 'rejected',
        standing: active,
        enforcement: [{ banId: 'b2', enforced: false, reasons: ['no-zone'] }],
      },
      true,
    ],
  ])('[AV2] %s', (_what, patch, lacks) => {
    expect(lacksZone(orderOf('o', patch))).toBe(lacks);
  });

  test.each([
    ['what awaits is decided', {}, ['approval', 'rejection']],
    ['what is in force', { status: 'active', standing: active }, ['suspension', 'withdrawal']],
    ['what is suspended', { status: 'suspended' }, ['resumption', 'withdrawal']],
    ['what is over', { status: 'expired' }, []],
    [
      'what stands under a rejection',
      { status: 'rejected', standing: active },
      ['suspension', 'withdrawal'],
    ],
  ])('its steps: %s', (_what, patch, steps) => {
    expect(stepsOf(orderOf('o', patch))).toEqual(steps);
  });
});

describe('the queue', () => {
  const old = orderOf('old', { at: secondsAgo(9_000) });
  const young = orderOf('young', { at: secondsAgo(60) });
  const undrawn = orderOf('undrawn', { at: secondsAgo(30), bans: [place] });

  test('[AV1, AV2] is by need, then by age', () => {
    const { loud, waiting } = rowsOf(after(listed(young, old, undrawn)));
    expect(loud.map(({ order }) => order.orderId)).toEqual(['undrawn']);
    expect(waiting.map(({ order }) => order.orderId)).toEqual(['old', 'young']);
  });

  test('[AV3] is held still, and settles when asked', () => {
    const approved = { ...old, status: 'active' as const };
    const held = after(
      listed(old, undrawn),
      { type: 'held', held: true },
      listed(approved, young, undrawn),
    );
    expect(rowsOf(held).waiting).toEqual([{ order: old, moved: true }]);
    expect(untoldCount(held)).toBe(1);
    const settled = reduce(held, { type: 'settle' });
    expect(rowsOf(settled).waiting).toEqual([{ order: young, moved: false }]);
  });

  test('[AV3] a row that is loud no longer stays where it is', () => {
    const drawn = { ...undrawn, bans: [{ ...place, zone }] as never };
    const held = after(listed(undrawn), { type: 'held', held: true }, listed(drawn));
    expect(rowsOf(held).loud).toEqual([{ order: undrawn, moved: true }]);
  });
});

describe('[AV6] what must be ticked', () => {
  const preview = (patch: object): never =>
    ({ orderId: 'o', version: 1, bans: [], changes: [], forecast: null, ...patch }) as never;
  const change = (protection: string): object => ({
    pointer: '/bans/0/distanceM',
    banId: 'b1',
    what: 'changed',
    before: 500,
    after: 300,
    protection,
  });
  const contradiction = { bans: [{ overlaps: [{ contradicts: true }] }] };
  test.each([
    ['nothing of what only helps her', {}, { changes: [change('more')] }, []],
    ['what lessens her protection', {}, { changes: [change('less')] }, ['less-protection']],
    ['also in part', {}, { changes: [change('mixed')] }, ['less-protection']],
    ['a contradiction', {}, contradiction, ['contradiction']],
    ['a zone that is missing', { bans: [place] }, {}, ['no-zone']],
    ['a suspension, whatever it changes', { cause: 'suspension' }, {}, ['less-protection']],
  ])('%s', (_what, order, seen, cautions) => {
    expect(cautionsOf(orderOf('o', order), preview(seen))).toEqual(cautions);
  });

  test('that nothing could be compared', () => {
    expect(cautionsOf(orderOf('o'), null)).toEqual(['no-preview']);
  });
});

describe('in words', () => {
  const sayer = { words: APPROVAL_WORDS.nl, language: 'nl' } as const;
  test.each([
    ['/bans/0/distanceM', 300, '300 m'],
    ['/validUntil', '2027-01-30T00:00:00+01:00', 'zaterdag 30 januari 2027 om 00:00'],
    ['/bans/1/zone', zone, 'cirkel met straal 100 m, 3,1 ha'],
    ['/bans/1/schedule', null, 'altijd'],
    ['/bans/1/bufferM', null, 'niets'],
    [
      '/legalBasis',
      'temporary-home-ban',
      'Tijdelijk huisverbod, art. 2 Wth (10 dagen, hoogstens 28 vanaf het begin)',
    ],
    ['/bans/1', { ...place, zone }, 'cirkel met straal 100 m, Kerkstraat 12, altijd'],
    ['/something/new', { a: 1 }, '{"a":1}'],
  ])('%s', (pointer, value, said) => {
    expect(changeValue(pointer, value, sayer)).toBe(said);
  });

  test('a change names its ban, also one that is gone', () => {
    const gone = { pointer: '/bans/1', banId: 'b2', what: 'removed', protection: 'less' };
    const title = changeTitle(
      { ...gone, before: { ...place, zone }, after: null } as never,
      [],
      sayer.words,
    );
    expect(title).toBe('Locatieverbod b2 “home”');
  });

  test.each([
    [850, '850 m² (0,09 ha)'],
    [31_400, '3,1 ha'],
    [2_345_678, '2,35 km²'],
  ])('an area of %d m²', (areaM2, said) => {
    expect(areaText(areaM2, 'nl')).toBe(said);
  });

  test.each([
    [0, '0'],
    [0.4, 'minder dan 1'],
    [1.23, '1,2'],
    [45.6, '46'],
  ])('a rate of %d', (perWeek, said) => {
    expect(rateText(perWeek, 'nl', sayer.words)).toBe(said);
  });

  test('a week with gaps and nights', () => {
    const window = { days: ['mon', 'tue', 'wed', 'sat'], from: '22:00', until: '06:00' } as const;
    const schedule = {
      timeZone: 'Europe/Amsterdam',
      weekly: [{ ...window, days: [...window.days] }],
    };
    expect(scheduleText(schedule, sayer.words)).toBe('ma t/m wo, za 22:00–06:00 (volgende dag)');
  });

  test('[AV8] a fault is told at its corner, the last being the first', () => {
    const errors = [
      { pointer: '/zones/b2/coordinates/0/2', detail: 'crosses or touches itself at 5.1, 52.1' },
      { pointer: '/coordinates/0/4/0', detail: 'lies outside the area that Cordon watches' },
      { pointer: '/zones/b2/center', detail: 'lies outside the area that Cordon watches' },
    ];
    const problem = { type: '', title: '', status: 400, detail: '', code: 'invalid-input', errors };
    expect(zoneFaults(problem, 4, sayer.words)).toEqual([
      { at: 2, text: 'de rand kruist of raakt zichzelf' },
      { at: 0, text: 'ligt buiten het gebied dat Cordon bewaakt' },
      { at: 'centre', text: 'ligt buiten het gebied dat Cordon bewaakt' },
    ]);
  });
});

/** Every leaf as path and text; a phrase with gaps is filled with marks. */
function leaves(node: unknown, path = ''): [path: string, text: string][] {
  if (typeof node === 'string') return [[path, node]];
  if (typeof node === 'function') return [[path, String(node('‹1›', '‹2›', '‹3›'))]];
  if (node instanceof RegExp) return [];
  return Object.entries(node as object).flatMap(([key, value]) => leaves(value, `${path}/${key}`));
}

describe('the catalogues', () => {
  const dutch = leaves(APPROVAL_WORDS.nl);
  const english = leaves(APPROVAL_WORDS.en);

  test('hold the same words', () => {
    expect(english.map(([path]) => path)).toEqual(dutch.map(([path]) => path));
  });

  test('every word says something', () => {
    const dumb = [...dutch, ...english].filter(
      ([, text]) => text.trim() === '' || /undefined|NaN|\[object/.test(text),
    );
    expect(dumb).toEqual([]);
  });

  test('are really two languages', () => {
    const same = dutch.filter(([, text], index) => text === english[index]?.[1]);
    expect(same.filter(([, text]) => text.split(' ').length > 3)).toEqual([]);
  });
});

test('an answer about an order that is no longer chosen is dropped', () => {
  const state = after({ type: 'tick', atMs: NOW_MS }, { type: 'chosen', orderId: 'a' });
  const late = { type: 'dossier', dossier: { state: 'failed', orderId: 'b' } } as const;
  expect(reduce(state, late)).toBe(state);
});
