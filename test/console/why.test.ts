import { describe, expect, test } from 'vitest';
import { Alert, AlertCode, AlertReason, Certainty, Stage } from '../../shared/alert.ts';
import type { Language } from '../../shared/figures.ts';
import { why } from '../../shared/why.ts';
import { alertOf, NOW_MS, secondsAgo } from './fixtures.ts';

const KINDS: Record<AlertCode, Alert['kind']> = {
  'contact-ban': 'contact',
  'location-ban': 'location',
  'location-duty': 'duty',
  sos: 'device',
  'strap-tamper': 'device',
  'case-tamper': 'device',
  'power-off': 'device',
  'battery-low': 'device',
  jamming: 'device',
  silent: 'device',
  blind: 'device',
  implausible: 'device',
  'broker-lost': 'system',
  'store-failing': 'system',
  'evaluator-late': 'system',
  'case-failed': 'system',
  'gap-possible': 'system',
  'canary-missed': 'system',
  'limit-near': 'system',
  'clock-stepped': 'system',
  'message-parked': 'system',
  'device-flooding': 'system',
  'journal-broken': 'system',
  'zone-missing': 'system',
  'feedback-failing': 'system',
};
const LANGUAGES: Language[] = ['nl', 'en'];
const blank = {
  distanceM: null,
  uncertaintyM: null,
  closingSpeedMs: null,
  timeToBreachS: null,
  timeToContactS: null,
  certainty: null,
  wearerId: null,
  victimId: null,
  deviceId: null,
  stage: null,
};
const bare = { fixes: [], limits: null, mover: null, finding: null, detail: {} };

const table: [what: string, nl: string, patch: Record<string, unknown>][] = [
  [
    'two who passed each other between their fixes',
    'Drager w-1 kwam waarschijnlijk tussen twee posities om 03:03 binnen 500 m van slachtoffer v-1: ' +
      'op zijn dichtst 180 m, nu 1,2 km ± 40 m, afstand groeit met 20,0 m/s.',
    {
      stage: 'breach',
      certainty: 'likely',
      distanceM: 1_190,
      uncertaintyM: 40,
      closingSpeedMs: -20,
      timeToContactS: null,
      basis: {
        reason: 'passed-within',
        detail: { closestM: 180, closestAt: secondsAgo(550) },
      },
    },
  ],
  [
    'two who stand at the line',
    'Drager w-1 is waarschijnlijk binnen 500 m van slachtoffer v-1 ' +
      '(zo dicht bij de grens dat de volgende posities moeten beslissen): 490 ± 25 m.',
    {
      stage: 'approach',
      certainty: 'likely',
      distanceM: 490,
      uncertaintyM: 25,
      closingSpeedMs: 0,
      timeToContactS: null,
      basis: { reason: 'at-the-line', mover: 'neither' },
    },
  ],
  [
    'one behind the other on a road',
    'Drager w-1 is waarschijnlijk binnen 500 m van slachtoffer v-1: 430 ± 12 m, ' +
      'beiden dezelfde kant op, onderlinge afstand krimpt met 1,4 m/s, bij het slachtoffer over ca. 5 min.',
    { basis: { mover: 'together' } },
  ],
  [
    'a likely contact breach',
    'Drager w-1 is waarschijnlijk binnen 500 m van slachtoffer v-1: 430 ± 12 m, ' +
      'drager nadert met 1,4 m/s, bij het slachtoffer over ca. 5 min.',
    {},
  ],
  [
    'on course for contact',
    'Drager w-1 is op weg naar slachtoffer v-1: 1,2 km ± 40 m, ze naderen elkaar met 8,3 m/s, ' +
      'over de grens over ca. 82 s, bij het slachtoffer over ca. 2 min.',
    {
      stage: 'approach',
      distanceM: 1_190,
      uncertaintyM: 40,
      closingSpeedMs: 8.3,
      timeToBreachS: 84,
      timeToContactS: 144,
      basis: { reason: 'on-course', mover: 'both' },
    },
  ],
  [
    'within the warning distance, both at rest',
    'Drager w-1 is binnen de waarschuwingsafstand (1,0 km) van slachtoffer v-1: 820 ± 12 m.',
    {
      stage: 'approach',
      distanceM: 820,
      closingSpeedMs: 0.1,
      timeToContactS: null,
      basis: { reason: 'within-warning', mover: 'neither' },
    },
  ],
  [
    'contact that cannot be ruled out',
    'Niet uit te sluiten is dat drager w-1 binnen 500 m van slachtoffer v-1 is: ca. 2,1 km, ' +
      'sinds de laatste posities tot 1,8 km te verplaatsen, laatste positie drager 4 min oud.',
    {
      stage: 'approach',
      certainty: 'possible',
      distanceM: 2_100,
      uncertaintyM: null,
      closingSpeedMs: null,
      timeToContactS: null,
      basis: {
        reason: 'cannot-rule-out',
        detail: { reachM: 1_800 },
        fixes: [{ ...(alertOf('x').basis.fixes[0] as object), ageS: 230 }],
      },
    },
  ],
  [
    'inside a forbidden zone',
    'Drager w-1 is vrijwel zeker in verboden gebied “woning”: 80 ± 9 m voorbij de grens.',
    {
      kind: 'location',
      code: 'location-ban',
      certainty: 'certain',
      distanceM: 0,
      uncertaintyM: 9,
      closingSpeedMs: null,
      timeToBreachS: 0,
      timeToContactS: null,
      basis: { reason: 'inside-zone', banName: 'woning', detail: { depthM: 80 } },
    },
  ],
  [
    'outside the zone of a duty',
    'Drager w-1 is waarschijnlijk buiten het verplichte gebied “nachts thuis”: ' +
      '240 ± 20 m van de grens.',
    {
      kind: 'duty',
      code: 'location-duty',
      distanceM: 240,
      uncertaintyM: 20,
      closingSpeedMs: null,
      timeToContactS: null,
      basis: { reason: 'outside-zone', banName: 'nachts thuis' },
    },
  ],
  [
    'a time that has run out',
    'Drager w-1 is waarschijnlijk binnen 500 m van slachtoffer v-1: 430 ± 12 m, ' +
      'drager nadert met 1,4 m/s, kan nu al bij het slachtoffer zijn, ' +
      'laatste positie slachtoffer 7 min oud.',
    { basis: { evaluatedAt: secondsAgo(400) } },
  ],
  [
    'a breach that is over',
    'Voorbij sinds 03:10: drager w-1 was waarschijnlijk binnen 500 m van slachtoffer v-1: ' +
      '430 ± 12 m.',
    { state: 'cleared', clearedAt: secondsAgo(120) },
  ],
  [
    'a breach learnt afterwards',
    'Drager w-1 was waarschijnlijk binnen 500 m van slachtoffer v-1: 430 ± 12 m, ' +
      'van 02:40 tot 02:46, pas bekend om 03:11.',
    {
      retrospective: true,
      clearedAt: secondsAgo(40),
      basis: { detail: { from: secondsAgo(1_920), until: secondsAgo(1_560) } },
    },
  ],
  [
    'a time in which messages may be missing',
    'Voorbij sinds 03:11: berichten van apparaten kunnen ontbreken ' +
      '(de server stond stil): van 02:40 tot 02:46.',
    {
      ...blank,
      kind: 'system',
      code: 'gap-possible',
      clearedAt: secondsAgo(40),
      basis: {
        ...bare,
        reason: 'was-down',
        detail: { detail: '', from: secondsAgo(1_920), until: secondsAgo(1_560) },
      },
    },
  ],
  [
    'an SOS that came late',
    'SOS ingedrukt op apparaat s-1 van slachtoffer v-1: pas na 5 min ontvangen.',
    {
      ...blank,
      kind: 'device',
      code: 'sos',
      victimId: 'v-1',
      deviceId: 's-1',
      basis: { ...bare, reason: 'reported-by-device', detail: { lateS: 300 } },
    },
  ],
  [
    'a replayed message',
    'Apparaat o-1 van drager w-1 meldt iets dat niet kan kloppen ' +
      '(volgnummers zijn opnieuw gebruikt, mogelijk nagespeelde berichten).',
    {
      ...blank,
      kind: 'device',
      code: 'implausible',
      wearerId: 'w-1',
      deviceId: 'o-1',
      basis: { ...bare, reason: 'seq-reused' },
    },
  ],
];

describe('the sentence of an alert', () => {
  test.each(table)('%s', (_what, nl, patch) => {
    expect(why(alertOf('a', patch), 'nl', NOW_MS)).toBe(nl);
  });

  test('says the same in English', () => {
    expect(why(alertOf('a'), 'en', NOW_MS)).toBe(
      'Wearer w-1 is probably within 500 m of victim v-1: 430 ± 12 m, ' +
        'wearer approaching at 1.4 m/s, at the victim in about 5 min.',
    );
  });
});

describe.each(LANGUAGES)('every combination in %s', (language) => {
  const broken = /undefined|NaN|null|Infinity|\(\)|: \.|, \.|  |-\d+ (?:s|min)/;
  const fates = [
    {},
    { clearedAt: secondsAgo(60), state: 'cleared' },
    { clearedAt: secondsAgo(60), retrospective: true },
    { retrospective: true },
  ];
  test.each(AlertCode.options)('%s is one whole sentence', (code) => {
    for (const reason of AlertReason.options) {
      for (const stage of [null, ...Stage.options]) {
        for (const certainty of [null, ...Certainty.options]) {
          for (const fate of fates) {
            const patch = { kind: KINDS[code], code, ...fate };
            const full = alertOf('a', { ...patch, stage, certainty, basis: { reason } });
            const empty = alertOf('a', { ...patch, ...blank, basis: { ...bare, reason } });
            for (const sentence of [full, empty].map((one) => why(one, language, NOW_MS))) {
              expect(sentence).not.toMatch(broken);
              expect(sentence).toMatch(/^[A-Z“].*[^.]\.$/u);
            }
          }
        }
      }
    }
  });
});
