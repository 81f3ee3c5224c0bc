import { html, nothing, type TemplateResult } from 'lit';
import { type Ban, isDrawn } from '../shared/court-order.ts';
import { distanceText, numberText } from '../shared/figures.ts';
import type { BanPreview, Overlap } from '../shared/order-preview.ts';
import type { z } from 'zod';
import type { ApprovalDesk } from './approval-desk.ts';
import { areaText, banName, scheduleText, shareText, zoneText } from './approval-figures.ts';
import type { LoadedDossier } from './approval-model.ts';
import { askOf } from './approval-queue-order.ts';
import { sign } from './approval-signs.ts';
import type { ApprovalWords } from './approval-words.ts';
import { areaM2 } from './zone-measure.ts';

type OnePreview = z.infer<typeof BanPreview>;
type OneOverlap = z.infer<typeof Overlap>;

/** Each ban with its figures, and whether anybody is held to it. (SPEC AV2) */
export function banCards(desk: ApprovalDesk, dossier: LoadedDossier): TemplateResult {
  const { words } = desk;
  return html`<section class="part bans" aria-labelledby="bans-title">
    <h3 id="bans-title">${words.dossier.bans}</h3>
    <ul class="ban-list">
      ${dossier.order.bans.map((ban) => banCard(desk, dossier, ban))}
    </ul>
  </section>`;
}

function banCard(desk: ApprovalDesk, dossier: LoadedDossier, ban: Ban): TemplateResult {
  const { words, language, state } = desk;
  const preview = dossier.preview?.bans.find(({ banId }) => banId === ban.banId);
  const lacking = !isDrawn(ban);
  const drawing = state.draft?.banId === ban.banId;
  const figures = ban.kind === 'contact-ban' ? contactFigures(desk, ban) : placeFigures(desk, ban);
  return html`<li class="ban ${lacking ? 'loud' : ''} ${drawing ? 'drawing' : ''}">
    <h4>${banName(ban, words)}</h4>
    ${enforcement(desk, dossier, ban)}
    <dl class="ban-figures">
      ${figures.map(
        ([name, value]) =>
          html`<div class=${name === words.ban.place ? 'wide' : ''}>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
      ${areaFigure(desk, ban, preview)}
      <div>
        <dt>${words.ban.when}</dt>
        <dd>${scheduleText(ban.schedule, words)}</dd>
      </div>
    </dl>
    ${overlapList({ words, language }, preview?.overlaps ?? [])} ${drawButton(desk, dossier, ban)}
  </li>`;
}

function enforcement(desk: ApprovalDesk, { order }: LoadedDossier, ban: Ban) {
  const { words } = desk;
  const found = order.enforcement.find(({ banId }) => banId === ban.banId);
  const awaits = order.status === 'awaiting-approval';
  if (found?.enforced) {
    const as =
      awaits && order.standing !== null ? words.ban.enforcedAs(order.standing.version) : null;
    return html`<p class="enforced yes">${sign('tick')} ${as ?? words.ban.enforced}</p>`;
  }
  const lacking = !isDrawn(ban);
  const known = found?.reasons ?? (awaits ? (['awaiting-approval'] as const) : []);
  const reasons = new Set([...(lacking ? (['no-zone'] as const) : []), ...known]);
  const why = [...reasons].map((reason) => words.unenforced[reason]).join('; ');
  const loud = reasons.has('no-zone');
  return html`<p class="enforced no ${loud ? 'loud-tag' : ''}">
    ${sign(loud ? 'alarm' : 'stop')}
    <span>
      <b>${loud ? words.queue.loudTag : words.ban.notEnforced}</b
      >${why === '' ? nothing : `: ${why}`}
    </span>
  </p>`;
}

type Figures = [name: string, value: string][];

function contactFigures(
  { words, language }: ApprovalDesk,
  ban: Extract<Ban, { kind: 'contact-ban' }>,
): Figures {
  const metres = (value: number): string => `${numberText(value, 0, language)} m`;
  return [
    [words.ban.victim, ban.victimId],
    [words.ban.distance, metres(ban.distanceM)],
    [words.ban.warning, metres(ban.warningDistanceM ?? 2 * ban.distanceM)],
  ];
}

function placeFigures(
  { words, language }: ApprovalDesk,
  ban: Exclude<Ban, { kind: 'contact-ban' }>,
): Figures {
  const figures: Figures = [];
  if (ban.place != null) figures.push([words.ban.place, ban.place]);
  if (ban.kind === 'location-ban' && ban.bufferM != null && ban.bufferM > 0) {
    figures.push([words.ban.buffer, distanceText(ban.bufferM, language)]);
  }
  return figures;
}

function areaFigure(
  { words, language }: ApprovalDesk,
  ban: Ban,
  preview: OnePreview | undefined,
): TemplateResult | typeof nothing {
  if (ban.kind === 'contact-ban') return nothing;
  const said =
    ban.zone == null
      ? words.ban.noArea
      : `${areaText(preview?.areaM2 ?? areaM2(ban.zone), language)}, ` +
        zoneText(ban.zone, words, language);
  return html`<div>
    <dt>${words.ban.area}</dt>
    <dd>${said}</dd>
  </div>`;
}

/** Also used for a zone that is only drawn yet. */
export function overlapList(
  { words, language }: Pick<ApprovalDesk, 'words' | 'language'>,
  overlaps: readonly OneOverlap[],
): TemplateResult | typeof nothing {
  if (overlaps.length === 0) return nothing;
  const worstFirst = overlaps.toSorted((a, b) => Number(b.contradicts) - Number(a.contradicts));
  return html`<p class="overlaps-title">${words.ban.overlaps}</p>
    <ul class="overlaps">
      ${worstFirst.map(
        (overlap) =>
          html`<li class=${overlap.contradicts ? 'contradicts' : ''}>
            ${
              overlap.contradicts
                ? html`<strong>${sign('alarm')} ${words.overlap.contradiction}</strong>
                    ${words.overlap.contradictionMeaning}`
                : nothing
            }
            ${overlapText(overlap, words, language)}
          </li>`,
      )}
    </ul>`;
}

function overlapText(
  { with: what, name, banId, orderId, share, hoursPerWeek }: OneOverlap,
  { overlap }: ApprovalWords,
  language: ApprovalDesk['language'],
): string {
  const hours =
    hoursPerWeek === null ? '' : overlap.hours(numberText(Math.round(hoursPerWeek), 0, language));
  const part = share === null ? '' : `: ${shareText(share, language)}`;
  const title = name === null ? (banId ?? '') : `“${name}”`;
  const named = orderId === null ? title : overlap.named(title, orderId);
  switch (what) {
    case 'home':
    case 'work':
    case 'stay':
      return overlap[what](hours);
    case 'location-ban':
      return overlap.ban(named, part);
    case 'location-duty':
      return overlap.duty(named, part);
  }
}

const UNDRAWABLE: readonly string[] = ['rejected', 'withdrawn', 'expired'];

function drawButton(desk: ApprovalDesk, { order }: LoadedDossier, ban: Ban) {
  const { words, actions } = desk;
  const ask = askOf(order);
  const gone = order.standing === null && UNDRAWABLE.includes(order.status);
  const over = gone || ask === 'suspension' || ask === 'withdrawal';
  if (ban.kind === 'contact-ban' || over) return nothing;
  const lacking = ban.zone == null;
  return html`<button
    class="draw ${lacking ? 'primary' : ''}"
    data-ban=${ban.banId}
    @click=${() => actions.draw(ban.banId)}
  >
    ${lacking ? words.ban.draw : words.ban.redraw}
  </button>`;
}
