import { describe, expect, test } from 'vitest';
import { loadPreferences, savePreferences } from '../../console/preferences.ts';
import { shortcutOf } from '../../console/shortcuts.ts';
import { announcer } from '../../console/announcer.ts';
import { WORDS } from '../../console/catalogue.ts';
import { alertOf, NOW_MS } from './fixtures.ts';

/** Every leaf as path and text; a phrase with gaps is filled with marks. */
function leaves(node: unknown, path = ''): [path: string, text: string][] {
  if (typeof node === 'string') return [[path, node]];
  if (typeof node === 'function') return [[path, String(node('‹1›', '‹2›', '‹3›'))]];
  return Object.entries(node as object).flatMap(([key, value]) => leaves(value, `${path}/${key}`));
}

describe('the catalogues', () => {
  const dutch = leaves(WORDS.nl);
  const english = leaves(WORDS.en);

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
    const sentences = same.filter(([, text]) => text.split(' ').length > 3);
    expect(sentences.map(([path]) => path)).toEqual(['/map/attribution']);
  });
});

describe('preferences', () => {
  const storageWith = (text: string | null) => ({ getItem: () => text });
  test.each([
    ['nothing is stored', storageWith(null)],
    ['there is no storage', null],
    ['something else is stored', storageWith('not json')],
    ['a language is stored that we do not speak', storageWith('{"language":"fr"}')],
  ])('start in Dutch when %s', (_what, storage) => {
    expect(loadPreferences(storage).language).toBe('nl');
  });

  test('come back as they were left', () => {
    let stored: string | null = null;
    const storage = {
      getItem: () => stored,
      setItem: (_key: string, text: string) => void (stored = text),
    };
    const left = { language: 'en', theme: 'dark', shortcuts: true } as const;
    savePreferences(storage, left);
    expect(loadPreferences(storage)).toEqual(left);
  });

  test('a storage that refuses disturbs nobody', () => {
    const full = {
      setItem: () => {
        throw new Error('quota');
      },
    };
    expect(() =>
      savePreferences(full, { language: 'nl', theme: 'light', shortcuts: false }),
    ).not.toThrow();
  });
});

describe('shortcuts', () => {
  const press = { key: 'B', ctrlKey: false, altKey: false, metaKey: false, repeat: false };
  test.each([
    ['a plain letter works', press, false, 'acknowledge'],
    ['not while typing', press, true, null],
    ['not with control', { ...press, ctrlKey: true }, false, null],
    ['not when held down', { ...press, repeat: true }, false, null],
    ['not for other keys', { ...press, key: 'x' }, false, null],
  ])('%s', (_what, key, typing, shortcut) => {
    expect(shortcutOf(key, typing)).toBe(shortcut);
  });
});

describe('what is read out', () => {
  const p1 = alertOf('a');
  const p2 = alertOf('b', { priority: 2 });
  const spoken = () => {
    const urgent = { textContent: '' };
    const polite = { textContent: '' };
    const speak = announcer(urgent, polite);
    const tell = (now: (typeof p1)[], others: (typeof p1)[], atMs: number): void =>
      speak.tell({ now, others }, NOW_MS + atMs, WORDS.nl, 'nl');
    return { urgent, polite, tell };
  };

  test('a new priority 1 at once, in one sentence', () => {
    const { urgent, tell } = spoken();
    tell([p1], [], 0);
    expect(urgent.textContent).toMatch(/^Prioriteit 1: Drager w-1 is waarschijnlijk binnen 500 m/);
  });

  test('several are summed up', () => {
    const { urgent, tell } = spoken();
    tell([p1, p1], [], 0);
    expect(urgent.textContent).toMatch(/^2 meldingen met prioriteit 1\. /);
  });

  test('others at most every ten seconds, counted in between', () => {
    const { polite, tell } = spoken();
    tell([], [p2], 0);
    const first = polite.textContent;
    expect(first).toMatch(/^Drager w-1/);
    tell([], [p2, p2], 1_000);
    tell([], [p2], 2_000);
    expect(polite.textContent).toBe(first);
    tell([], [], 10_000);
    expect(polite.textContent).toBe('3 nieuwe meldingen.');
  });
});
