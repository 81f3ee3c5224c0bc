import { html, nothing, type TemplateResult } from 'lit';
import type { OrderChange } from '../shared/order-preview.ts';
import { changeFigures, changeTitle, changeValue } from './approval-change-words.ts';
import type { ApprovalDesk } from './approval-desk.ts';
import type { LoadedDossier } from './approval-model.ts';
import { askOf } from './approval-queue-order.ts';
import { protectionSign } from './approval-signs.ts';

/** A longer text is folded: what it was before is looked at by whoever wants to. */
const TEXT_MAX = 160;

/** Worst first: nobody reads a list of twenty with the same care to its end. */
const RANK: Record<OrderChange['protection'], number> = { less: 0, mixed: 1, more: 2, same: 3 };

/** The difference from what stands, with what it means for the victim. (SPEC AV6) */
export function changesPart(desk: ApprovalDesk, dossier: LoadedDossier) {
  const { words } = desk;
  const { order, preview } = dossier;
  const ask = askOf(order);
  if (ask === null) return nothing;
  const since = order.standing === null ? null : words.change.since(order.standing.version);
  return html`<section class="part changes" aria-labelledby="changes-title">
    <h3 id="changes-title">${words.change.title}</h3>
    ${since === null ? nothing : html`<p class="hint">${since}</p>`} ${body(desk, dossier)}
    ${preview === null ? html`<p class="warn-text">${words.change.unknown}</p>` : nothing}
  </section>`;
}

function body(desk: ApprovalDesk, { order, preview }: LoadedDossier) {
  const { words } = desk;
  const ask = askOf(order);
  if (ask === 'suspension' || ask === 'withdrawal') {
    return html`<ul class="change-list">
      <li class="change protects-less">
        ${badge(desk, 'less')} <b>${words.change.allGone}</b> ${words.change.what.removed}
      </li>
    </ul>`;
  }
  if (preview === null) return nothing;
  if (order.standing === null) return html`<p>${words.change.first}</p>`;
  if (preview.changes.length === 0) return html`<p>${words.change.none}</p>`;
  const changes = preview.changes.toSorted((a, b) => RANK[a.protection] - RANK[b.protection]);
  return html`<ul class="change-list">
    ${changes.map((change) => changeItem(desk, order.bans, change))}
  </ul>`;
}

const badge = ({ words }: ApprovalDesk, protection: OrderChange['protection']) =>
  html`<span class="protection protects-${protection}">
    ${protectionSign(protection)} ${words.change.protection[protection]}
  </span>`;

function changeItem(
  desk: ApprovalDesk,
  bans: LoadedDossier['order']['bans'],
  change: OrderChange,
): TemplateResult {
  const { words } = desk;
  const side = (label: string, value: unknown) =>
    html`<div>
      <dt>${label}</dt>
      <dd>${folded(changeValue(change.pointer, value, desk))}</dd>
    </div>`;
  const figures = changeFigures(change, desk);
  return html`<li class="change protects-${change.protection}">
    ${badge(desk, change.protection)} <b>${changeTitle(change, bans, words)}</b>
    ${change.what === 'changed' ? nothing : html`<span>(${words.change.what[change.what]})</span>`}
    <dl>${side(words.change.before, change.before)} ${side(words.change.after, change.after)}</dl>
    ${figures === null ? nothing : html`<p>${figures}</p>`}
  </li>`;
}

function folded(text: string) {
  if (text.length <= TEXT_MAX) return text;
  return html`<details>
    <summary>${text.slice(0, TEXT_MAX)}…</summary>
    ${text}
  </details>`;
}
