import { html, nothing, type TemplateResult } from 'lit';
import type { OrderStatus } from '../shared/court-order.ts';
import { clockText, durationText } from '../shared/figures.ts';
import { fromInstant } from '../shared/instant.ts';
import type { OrderVersionView } from '../shared/order-view.ts';
import { approvalActs } from './approval-acts.ts';
import { banCards } from './approval-bans.ts';
import { changesPart } from './approval-changes.ts';
import type { ApprovalDesk } from './approval-desk.ts';
import { dateText, daysBetween } from './approval-figures.ts';
import { forecastPart } from './approval-forecast.ts';
import type { LoadedDossier } from './approval-model.ts';
import { askOf, lacksZone } from './approval-queue-order.ts';
import { isOutdated, pendingOf, waitsSinceMs } from './approval-selectors.ts';
import { sign } from './approval-signs.ts';
import type { ApprovalWords } from './approval-words.ts';
import { consequencesOf } from './approval-yes.ts';

/** The chosen order, in the order in which it should be read. */
export function approvalDossier(desk: ApprovalDesk): TemplateResult {
  const { words, state } = desk;
  return html`<section class="detail dossier" aria-label=${words.dossier.title}>
    ${state.dossier === null ? html`<p class="empty">${words.dossier.none}</p>` : content(desk)}
  </section>`;
}

function content(desk: ApprovalDesk): TemplateResult {
  const { words, common, state, actions } = desk;
  const { dossier } = state;
  switch (dossier?.state) {
    case 'failed':
      return html`<p class="empty">
        ${words.dossier.failed}
        <button @click=${actions.lookAgain}>${common.history.retry}</button>
      </p>`;
    case 'loaded':
      return html`
        <div class="dossier-scroll" tabindex="0" role="group" aria-labelledby="dossier-title">
          ${read(desk, dossier)}
        </div>
        ${approvalActs(desk, dossier)}
      `;
    default:
      return html`<p class="empty">${words.dossier.loading}</p>`;
  }
}

const read = (desk: ApprovalDesk, dossier: LoadedDossier): TemplateResult => html`
  ${head(desk, dossier)} ${outdated(desk)} ${askedPart(desk, dossier)} ${onYes(desk, dossier)}
  ${changesPart(desk, dossier)} ${facts(desk, dossier)} ${forecastPart(desk, dossier)}
  <div class="text-and-bans">${courtText(desk, dossier)} ${banCards(desk, dossier)}</div>
  ${exceptions(desk, dossier)} ${history(desk, dossier)}
`;

function head({ words }: ApprovalDesk, { order }: LoadedDossier): TemplateResult {
  return html`<header class="dossier-head">
    <h2 id="dossier-title">${order.reference}</h2>
    <span class="state ${order.status}">${words.status[order.status]}</span>
    ${
      lacksZone(order)
        ? html`<strong class="loud-tag">${sign('alarm')} ${words.queue.loudTag}</strong>`
        : nothing
    }
    <span class="hint">${order.orderId} · ${words.dossier.version(order.version)}</span>
  </header>`;
}

function outdated({ state, words, actions }: ApprovalDesk): TemplateResult {
  return html`<div role="status">
    ${
      isOutdated(state)
        ? html`<p class="notice warn">
            <strong>${words.dossier.outdated}</strong>
            <button @click=${actions.lookAgain}>${words.dossier.outdatedShow}</button>
          </p>`
        : nothing
    }
  </div>`;
}

function askedPart(desk: ApprovalDesk, dossier: LoadedDossier): TemplateResult | typeof nothing {
  const { words, nowMs, language } = desk;
  const ask = askOf(dossier.order);
  if (ask === null) return nothing;
  const age = durationText((nowMs - waitsSinceMs(dossier)) / 1_000, language);
  return html`<section class="part asked" aria-labelledby="asked-title">
    <h3 id="asked-title">${words.dossier.asked}</h3>
    <p class="asked-what">${sign('hour-glass')} <strong>${words.ask[ask]}</strong></p>
    <ul>
      ${pendingOf(dossier).map(
        ({ cause, by, at, reason, status }) =>
          html`<li>
            ${causeText(cause, status, words)}
            ${words.dossier.askedBy(by, clockText(fromInstant(at), nowMs, language))}
            ${reason === null ? nothing : html`<q>${reason}</q>`}
          </li>`,
      )}
      <li><b>${words.dossier.waits(age)}</b></li>
    </ul>
  </section>`;
}

/** A suspension that somebody must agree to has not suspended anything yet. */
function causeText(
  cause: OrderVersionView['cause'],
  status: OrderStatus,
  { requested, cause: done }: ApprovalWords,
): string {
  const asked = cause in requested && status === 'awaiting-approval';
  return asked ? requested[cause as keyof typeof requested] : done[cause];
}

function onYes(desk: ApprovalDesk, dossier: LoadedDossier): TemplateResult | typeof nothing {
  const lines = consequencesOf(desk, dossier);
  if (lines.length === 0) return nothing;
  return html`<section class="part on-yes" aria-labelledby="yes-title">
    <h3 id="yes-title">${desk.words.dossier.onYes}</h3>
    <ul>
      ${lines.map(
        ({ text, mark }) => html`<li class="yes-${mark}">${sign(mark)} <span>${text}</span></li>`,
      )}
    </ul>
  </section>`;
}

function facts(desk: ApprovalDesk, { order }: LoadedDossier): TemplateResult {
  const { words, language } = desk;
  const { dossier, legal } = words;
  const basis = legal[order.legalBasis];
  const standing =
    order.standing === null ? dossier.noStanding : dossier.standing(order.standing.version);
  return html`<section class="part" aria-labelledby="facts-title">
    <h3 id="facts-title">${dossier.facts}</h3>
    <dl class="order-facts">
      <dt>${dossier.legalBasis}</dt>
      <dd>${basis.name}, <b>${basis.article}</b></dd>
      <dt>${dossier.period}</dt>
      <dd>
        ${dossier.from(dateText(order.validFrom, language))}
        <br />${dossier.until(dateText(order.validUntil, language))}
        <b>(${dossier.days(daysBetween(order.validFrom, order.validUntil))})</b>
      </dd>
      <dt>${dossier.wearer}</dt>
      <dd>${order.wearerId}</dd>
      <dt>${words.queue.status}</dt>
      <dd>${standing}</dd>
    </dl>
  </section>`;
}

function courtText({ words }: ApprovalDesk, { order }: LoadedDossier): TemplateResult {
  return html`<section class="part court" aria-labelledby="court-title">
    <h3 id="court-title">${words.dossier.court}</h3>
    ${
      order.text == null
        ? html`<p class="warn-text">${words.dossier.noCourt}</p>`
        : html`<blockquote lang="nl">${order.text}</blockquote>`
    }
  </section>`;
}

function exceptions(
  { words, language }: ApprovalDesk,
  { order }: LoadedDossier,
): TemplateResult | typeof nothing {
  if (order.exceptions == null || order.exceptions.length === 0) return nothing;
  return html`<section class="part" aria-labelledby="exceptions-title">
    <h3 id="exceptions-title">${words.dossier.exceptions}</h3>
    <ul class="plain">
      ${order.exceptions.map(
        ({ from, until, banIds, reason }) =>
          html`<li>
            ${words.dossier.exception(
              dateText(from, language),
              dateText(until, language),
              banIds.join(', '),
            )}
            ${reason == null ? nothing : html`<q>${reason}</q>`}
          </li>`,
      )}
    </ul>
  </section>`;
}

function history(desk: ApprovalDesk, { versions }: LoadedDossier): TemplateResult {
  const { words, nowMs, language } = desk;
  return html`<section class="part" aria-labelledby="history-title">
    <h3 id="history-title">${words.dossier.history}</h3>
    <ol class="plain">
      ${versions
        .toReversed()
        .map(
          ({ version, cause, by, at, reason, status }) =>
            html`<li>
              <b>${words.dossier.version(version)}</b> ${causeText(cause, status, words)}
              ${words.dossier.askedBy(by, clockText(fromInstant(at), nowMs, language))} ·
              ${words.status[status]} ${reason === null ? nothing : html`<q>${reason}</q>`}
            </li>`,
        )}
    </ol>
  </section>`;
}
