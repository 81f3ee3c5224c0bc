import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { alertRow } from './alert-row.ts';
import type { Desk } from './desk.ts';
import { ROWS_MORE, ROWS_SHOWN } from './model.ts';
import { queueOf, type Row, type Section, SECTIONS } from './selectors.ts';
import { shapeOf } from './shape.ts';

/** These stand there even when empty, so that "none" is said and not merely not shown. */
const ALWAYS_SHOWN: ReadonlySet<Section> = new Set<Section>(['now', 'soon', 'technical']);

/** Rows are held while somebody points at, or works by keyboard in the list. */
export function alertList(desk: Desk): TemplateResult {
  const { words, state, actions } = desk;
  const queue = queueOf(state);
  const open = SECTIONS.filter((section) => section !== 'settled').some(
    (section) => (queue.sections.get(section)?.length ?? 0) > 0,
  );
  const onFocusOut = (event: FocusEvent): void => {
    const list = event.currentTarget as HTMLElement;
    if (!list.contains(event.relatedTarget as Node | null)) actions.release();
  };
  const onPointerLeave = (event: PointerEvent): void => {
    const list = event.currentTarget as HTMLElement;
    if (!list.contains(document.activeElement)) actions.release();
  };
  return html`
    <section
      class="list"
      aria-labelledby="list-title"
      @pointermove=${actions.hold}
      @pointerleave=${onPointerLeave}
      @focusin=${actions.hold}
      @focusout=${onFocusOut}
      @keydown=${(event: KeyboardEvent) => onKey(event, actions.hold)}
    >
      <div class="list-head">
        <h2 id="list-title">${words.list.title}</h2>
        ${waitingMarker(desk, queue.waiting.length, queue.waiting)}
      </div>
      ${open ? nothing : emptyList(desk)}
      ${SECTIONS.map((section) => listSection(desk, section, queue.sections.get(section) ?? []))}
    </section>
  `;
}

function waitingMarker(desk: Desk, count: number, waiting: readonly { priority: number }[]) {
  if (count === 0) return nothing;
  const urgent = waiting.filter(({ priority }) => priority === 1).length;
  return html`<button class="waiting ${urgent > 0 ? 'urgent' : ''}" @click=${desk.actions.release}>
    ${urgent > 0 ? shapeOf(1) : nothing} ${desk.words.list.waiting(count, urgent)} ·
    ${desk.words.list.show}
  </button>`;
}

/** "Nothing is wrong" may only be said while the server is known to say so. */
function emptyList({ words, state, live }: Desk): TemplateResult {
  if (state.link.state === 'connecting') return html`<p class="empty">${words.list.loading}</p>`;
  return html`<div class="empty">
    <p>${words.list.empty}</p>
    <p class="hint">${live ? words.list.emptyHint : words.link.meaning}</p>
  </div>`;
}

function listSection(
  desk: Desk,
  section: Section,
  rows: readonly Row[],
): TemplateResult | typeof nothing {
  const { words } = desk;
  if (rows.length === 0 && !ALWAYS_SHOWN.has(section)) return nothing;
  const title = html`${words.list.sections[section]}
    <span class="section-count">${rows.length === 0 ? words.list.none : rows.length}</span>`;
  const drawn = rows.slice(0, ROWS_SHOWN + (desk.state.moreRows.get(section) ?? 0));
  const list = html`<ul class="rows">
    ${repeat(
      drawn,
      ({ alert }) => alert.alertId,
      (row) => alertRow(desk, row),
    )}
    ${moreRows(desk, section, rows.length - drawn.length)}
  </ul>`;
  if (section === 'settled') {
    return html`<details class="section settled">
      <summary><h3>${title}</h3></summary>
      ${list}
    </details>`;
  }
  return html`<section class="section ${section}">
    <h3>${title}</h3>
    ${rows.length === 0 ? nothing : list}
  </section>`;
}

/** What is not drawn is said, and is one press away. */
function moreRows(
  { words, actions }: Desk,
  section: Section,
  hidden: number,
): TemplateResult | typeof nothing {
  if (hidden === 0) return nothing;
  return html`<li class="more">
    <span>${words.list.hidden(hidden)}</span>
    <button @click=${() => actions.showMore(section)}>
      ${words.list.more(Math.min(hidden, ROWS_MORE))}
    </button>
  </li>`;
}

/** Arrow keys walk the rows; Tab still reaches every button. */
function onKey(event: KeyboardEvent, hold: () => void): void {
  hold();
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0) return;
  event.preventDefault();
  focusRow(event.currentTarget as HTMLElement, step);
}

/** Moves the focus by so many rows from where it is; from nowhere, to the first. */
export function focusRow(list: HTMLElement, step: 1 | -1): void {
  const rows = [...list.querySelectorAll<HTMLElement>('.row .select')].filter(
    (row) => row.offsetParent !== null,
  );
  const current = document.activeElement?.closest('.row')?.querySelector<HTMLElement>('.select');
  const at = current ? rows.indexOf(current) : -1;
  const next = rows[Math.min(rows.length - 1, Math.max(0, at + step))];
  next?.focus();
}
