import { describe, expect, test } from 'vitest';
import { burst } from '../../console/burst.ts';
import { frames } from '../../console/frames.ts';
import type { ConsoleMessage } from '../../console/model.ts';
import { alertOf } from './fixtures.ts';

/** A page whose frames and ticks come when the test says so. */
function fakePage() {
  const requested: (() => void)[] = [];
  let tick = (): void => {};
  const page = frames(
    (run) => void requested.push(run),
    (run) => {
      tick = run;
    },
  );
  return {
    page,
    requested,
    tick: () => tick(),
    draw: () => requested.splice(0).forEach((run) => run()),
  };
}

const alerts = (...ids: string[]): ConsoleMessage => ({
  type: 'alerts',
  atMs: 1,
  alerts: ids.map((id) => alertOf(id)),
});
const lost: ConsoleMessage = { type: 'link-lost', atMs: 2, retryAtMs: 3, signedOut: false };

describe('frames', () => {
  test('what is asked for twice before a frame is one frame', () => {
    const { page, requested, draw } = fakePage();
    const done: string[] = [];
    page.next(() => done.push('a'));
    page.next(() => done.push('b'));
    expect(requested).toHaveLength(1);
    draw();
    expect(done).toEqual(['a', 'b']);
  });

  test('what a run asks for belongs to the same frame', () => {
    const { page, draw } = fakePage();
    const done: string[] = [];
    page.next(() => page.next(() => done.push('drawn')));
    draw();
    expect(done).toEqual(['drawn']);
  });

  test('a page that is not drawn goes on with the tick, and does nothing twice', () => {
    const { page, tick, draw } = fakePage();
    const done: string[] = [];
    page.next(() => done.push('a'));
    tick();
    draw();
    expect(done).toEqual(['a']);
  });

  test('one that fails takes no other with it', () => {
    const { page, tick, draw } = fakePage();
    const done: string[] = [];
    page.next(() => {
      throw new Error('broken');
    });
    page.next(() => done.push('b'));
    expect(draw).toThrow('broken');
    tick();
    expect(done).toEqual(['b']);
  });
});

describe('a burst of alerts', () => {
  function fakeDesk() {
    const heard: ConsoleMessage[] = [];
    const { page, draw } = fakePage();
    return { heard, draw, hear: burst((message) => heard.push(message), page) };
  }

  test('comes at once in the next frame, in order', () => {
    const { heard, draw, hear } = fakeDesk();
    for (let i = 0; i < 1_000; i++) hear(alerts(`a-${i}`));
    expect(heard).toEqual([]);
    draw();
    expect(heard).toHaveLength(1);
    const told = heard[0]?.type === 'alerts' ? heard[0].alerts : [];
    expect(told.map(({ alertId }) => alertId)).toEqual(
      Array.from({ length: 1_000 }, (_, i) => `a-${i}`),
    );
  });

  test('is overtaken by nothing that came after it', () => {
    const { heard, draw, hear } = fakeDesk();
    for (const message of [alerts('a-1'), alerts('a-2'), lost, alerts('a-3')]) hear(message);
    expect(heard.map(({ type }) => type)).toEqual(['alerts', 'link-lost']);
    draw();
    expect(heard.map(({ type }) => type)).toEqual(['alerts', 'link-lost', 'alerts']);
  });
});
