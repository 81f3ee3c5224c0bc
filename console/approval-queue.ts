import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { OrderStatus } from '../shared/court-order.ts';
import { durationText } from '../shared/figures.ts';
import { fromInstant } from '../shared/instant.ts';
import type { OrderView } from '../shared/order-view.ts';
import { focusRow } from './alert-list.ts';
import type { ApprovalDesk } from './approval-desk.ts';
import { askOf, lacksZone } from './approval-queue-order.ts';
import { FOUND_MAX, foundIn, type QueueRow, rowsOf, untoldCount } from './approval-selectors.ts';
import { sign } from './approval-signs.ts';
import { isTyping } from './shortcuts.ts';

/** What must be done on top, every order below. (SPEC AV1, AV2) */
export function approvalQueue(desk: ApprovalDesk): TemplateResult {
  const { words, state, actions } = desk;
  const { loud, waiting } = rowsOf(state);
  const loading = state.line.state === 'loading';
  const onLeave = (event: FocusEvent): void => {
    const list = event.currentTarget as HTMLElement;
    if (!list.contains(event.relatedTarget as Node | null)) actions.hold(list.matches(':hover'));
  };
  return html`<section
    class="list queue"
    aria-labelledby="queue-title"
    @pointerenter=${() => actions.hold(true)}
    @pointerleave=${(event: Event) => actions.hold(holdsFocus(event))}
    @focusin=${() => actions.hold(true)}
    @focusout=${onLeave}
    @keydown=${onKey}
  >
    <div class="list-head">
      <h2 id="queue-title">${words.queue.title}</h2>
      ${news(desk)}
    </div>
    ${loading ? html`<p class="empty">${words.queue.loading}</p>` : nothing}
    ${
      !loading && loud.length + waiting.length === 0
        ? html`<p class="empty">${words.queue.nothing}</p>`
        : nothing
    }
    ${section(desk, 'loud', words.queue.loud, words.queue.loudMeaning, loud)}
    ${section(desk, 'awaiting', words.queue.waiting, null, waiting)} ${allOrders(desk)}
  </section>`;
}

/** Up and down go from order to order; a field keeps its own arrows. */
function onKey(event: KeyboardEvent): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : null;
  if (step === null || isTyping(event.target)) return;
  event.preventDefault();
  focusRow(event.currentTarget as HTMLElement, step);
}

const holdsFocus = ({ currentTarget }: Event): boolean =>
  (currentTarget as HTMLElement).contains(document.activeElement);

/** Its place is always there, so that it moves nothing when it comes. */
function news({ state, words, actions }: ApprovalDesk): TemplateResult {
  const count = untoldCount(state);
  const rows = rowsOf(state);
  const stale = [...rows.loud, ...rows.waiting].some(({ moved }) => moved);
  if (count === 0 && !stale) return html`<span role="status"></span>`;
  const said = count > 0 ? words.queue.news(count) : words.queue.moved;
  return html`<span role="status" class="hidden">${said}</span>
    <button class="waiting" @click=${actions.settle}>${said} · ${words.queue.update}</button>`;
}

function section(
  desk: ApprovalDesk,
  name: 'loud' | 'awaiting',
  title: string,
  meaning: string | null,
  rows: readonly QueueRow[],
): TemplateResult | typeof nothing {
  if (rows.length === 0) return nothing;
  return html`<section class="section ${name}" aria-label=${title}>
    <h3>
      ${name === 'loud' ? sign('alarm') : nothing} ${title}
      <span class="section-count">${rows.length}</span>
    </h3>
    ${meaning === null ? nothing : html`<p class="section-meaning">${meaning}</p>`}
    <ul class="rows">
      ${repeat(
        rows,
        ({ order }) => order.orderId,
        (row) => queueRow(desk, row),
      )}
    </ul>
  </section>`;
}

function queueRow(desk: ApprovalDesk, { order, moved }: QueueRow): TemplateResult {
  const { words, nowMs, language } = desk;
  const ask = askOf(order);
  const age = durationText((nowMs - fromInstant(order.at)) / 1_000, language);
  const loud = lacksZone(order);
  return html`<li
    class="row ${loud ? 'loud' : ''} ${moved ? 'over' : ''} ${chosenClass(desk, order)}"
  >
    ${selectButton(desk, order)}
    ${moved ? html`<span class="tag moved">${words.queue.moved}</span>` : nothing}
    <p class="row-facts">
      ${loud ? html`<strong class="loud-tag">${sign('alarm')} ${words.queue.loudTag}</strong>` : nothing}
      ${ask === null ? nothing : html`<span class="ask ${ask}">${words.ask[ask]}</span>`}
      ${ask === null ? nothing : html`<span class="raised">${words.queue.since(age)}</span>`}
    </p>
    <p class="hint">${words.queue.wearer(order.wearerId)} · ${order.orderId}</p>
  </li>`;
}

const isChosen = ({ state }: ApprovalDesk, { orderId }: OrderView): boolean =>
  state.dossier?.orderId === orderId;
const chosenClass = (desk: ApprovalDesk, order: OrderView): string =>
  isChosen(desk, order) ? 'selected' : '';

const selectButton = (desk: ApprovalDesk, order: OrderView): TemplateResult =>
  html`<button
    class="select"
    data-order=${order.orderId}
    aria-pressed=${isChosen(desk, order)}
    @click=${() => desk.actions.choose(order.orderId)}
  >
    ${order.reference}
  </button>`;

function allOrders(desk: ApprovalDesk): TemplateResult {
  const { words, state, actions } = desk;
  const found = foundIn(state);
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    actions.searchServer();
  };
  const onText = (event: Event): void =>
    actions.search((event.currentTarget as HTMLInputElement).value, state.status);
  const onStatus = (event: Event): void => {
    const status = OrderStatus.safeParse((event.currentTarget as HTMLSelectElement).value);
    actions.search(state.search, status.success ? status.data : null);
  };
  return html`<section class="section every" aria-labelledby="all-title">
    <h3 id="all-title">
      ${words.queue.all} <span class="section-count">${words.queue.found(found.length)}</span>
    </h3>
    <form class="search" role="search" @submit=${onSubmit}>
      <label>
        ${words.queue.search}
        <input
          type="search"
          name="search"
          maxlength="128"
          autocomplete="off"
          .value=${state.search}
          @input=${onText}
        />
      </label>
      <label>
        ${words.queue.status}
        <select name="status" @change=${onStatus}>
          <option value="">${words.queue.anyStatus}</option>
          ${OrderStatus.options.map(
            (status) =>
              html`<option value=${status} ?selected=${state.status === status}>
                ${words.status[status]}
              </option>`,
          )}
        </select>
      </label>
      <p class="hint">${state.complete ? words.queue.searchHint : words.queue.incomplete}</p>
    </form>
    <ul class="rows">
      ${repeat(
        found.slice(0, FOUND_MAX),
        ({ orderId }) => orderId,
        (order) =>
          html`<li class="row short ${chosenClass(desk, order)}">
            ${selectButton(desk, order)}
            ${lacksZone(order) ? html`<strong class="loud-tag">${sign('alarm')} ${words.queue.loudTag}</strong>` : nothing}
            <p class="hint">
              ${words.status[order.status]} · ${words.queue.wearer(order.wearerId)} ·
              ${order.orderId}
            </p>
          </li>`,
      )}
    </ul>
    ${
      found.length > FOUND_MAX
        ? html`<p class="more">${words.queue.more(found.length - FOUND_MAX)}</p>`
        : nothing
    }
  </section>`;
}
