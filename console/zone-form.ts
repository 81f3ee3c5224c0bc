import { html, nothing, type TemplateResult } from 'lit';
import { overlapList } from './approval-bans.ts';
import type { ApprovalDesk, Pen } from './approval-desk.ts';
import { areaText, banName } from './approval-figures.ts';
import type { DraftCheck, LoadedDossier } from './approval-model.ts';
import { problemText, type ZoneFault, zoneFaults } from './approval-problem.ts';
import { isOutdated } from './approval-selectors.ts';
import { sign } from './approval-signs.ts';
import { cornerTable, crsChoice, placeFields, radiusField, shapeChoice } from './zone-fields.ts';
import { type DraftFault, isTooRich, readDraft, type ZoneDraft } from './zone-draft.ts';
import type { Zone } from '../shared/zone.ts';
import { areaM2 } from './zone-measure.ts';

/** Drawing without a mouse, or with one: the same numbers either way. (SPEC AV8, AV9) */
export function zoneForm(desk: ApprovalDesk): TemplateResult | typeof nothing {
  const { state, words, actions } = desk;
  const { draft, dossier } = state;
  if (draft === null || dossier?.state !== 'loaded') return nothing;
  const ban = dossier.order.bans.find(({ banId }) => banId === draft.banId);
  if (ban === undefined || ban.kind === 'contact-ban') return nothing;
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    actions.saveZone();
  };
  return html`<form class="zone-form" aria-labelledby="zone-title" novalidate @submit=${onSubmit}>
    <h3 id="zone-title" tabindex="-1">${words.zone.title(banName(ban, words))}</h3>
    <p class="place">
      <b>${words.zone.place}:</b>
      ${ban.place == null ? words.zone.noPlace : html`<span class="address">${ban.place}</span>`}
    </p>
    ${
      ban.zone != null && isTooRich(ban.zone)
        ? html`<p class="warn-text">${words.zone.tooRich}</p>`
        : nothing
    }
    ${pens(desk)}
    <div class="choices">${shapeChoice(desk, draft)} ${crsChoice(desk, draft)}</div>
    ${
      draft.text.shape === 'circle'
        ? html`<div class="circle-fields">
            ${placeFields(desk, draft)} ${radiusField(desk, draft)}
          </div>`
        : cornerTable(desk, draft)
    }
    <p class="hint">${words.zone.pasteHint}</p>
    ${verdict(desk, draft)} ${buttons(desk, draft, dossier)}
  </form>`;
}

/** What draws on the map, where there is one; and what takes back, which also typing needs. */
function pens({ words, map, pen, actions, state }: ApprovalDesk): TemplateResult {
  const names: Pen[] = ['circle', 'polygon', 'select'];
  const { draft } = state;
  const unavailable = map === 'unavailable';
  const choice = html`<div class="pens" role="group" aria-label=${words.zone.onMap}>
    <span aria-hidden="true">${words.zone.onMap}</span>
    ${names.map(
      (name) =>
        html`<button
          type="button"
          aria-pressed=${pen === name}
          ?disabled=${map !== 'drawn'}
          @click=${() => actions.pick(name)}
        >
          ${words.zone.pens[name]}
        </button>`,
    )}
  </div>`;
  const empty = { centre: ['', ''], radius: '', corners: [] } as const;
  return html`${unavailable ? nothing : choice}
    <p class="hint">${unavailable ? words.zone.noPen : words.zone.penHints[pen]}</p>
    <div class="zone-buttons">
      <button
        type="button"
        ?disabled=${draft === null || draft.before.length === 0}
        @click=${actions.undo}
      >
        ${words.zone.undo}
      </button>
      <button
        type="button"
        @click=${() => draft !== null && actions.write({ ...draft.text, ...empty })}
      >
        ${words.zone.clear}
      </button>
    </div>`;
}

/** Its area at once, what is wrong with it as soon as the server has said so. */
function verdict(desk: ApprovalDesk, draft: ZoneDraft): TemplateResult {
  const { words, language, state } = desk;
  const { zone, faults } = readDraft(draft);
  const area =
    zone === null ? words.zone.noArea : words.zone.area(areaText(areaM2(zone), language));
  const untouched = draft.before.length === 0 && zone === null;
  const own = untouched ? [] : faults;
  const told = state.check.state === 'faults' ? state.check.problem : null;
  const theirs = told === null ? [] : zoneFaults(told, draft.text.corners.length, words);
  return html`<div class="verdict">
    <p class="live-area"><b>${area}</b></p>
    ${faultList(desk, own)}
    <div role="status">${faultList(desk, theirs)} ${checkLine(desk, state.check, draft, zone)}</div>
  </div>`;
}

function faultList(
  { words }: ApprovalDesk,
  faults: readonly (DraftFault | ZoneFault)[],
): TemplateResult | typeof nothing {
  if (faults.length === 0) return nothing;
  const nameOf = (at: ZoneFault['at'] | 'corners'): string => {
    if (at === null || at === 'corners') return '';
    const name = typeof at === 'number' ? words.zone.corner(at + 1) : words.zone[at];
    return words.zone.at(name);
  };
  return html`<p class="faults-title">${sign('stop')} <b>${words.zone.faults}</b></p>
    <ul class="faults">
      ${faults.map(
        (fault) =>
          html`<li>
            ${nameOf(fault.at)}${'why' in fault ? words.zone.why[fault.why] : fault.text}
          </li>`,
      )}
    </ul>`;
}

function checkLine(desk: ApprovalDesk, check: DraftCheck, { banId }: ZoneDraft, zone: Zone | null) {
  const { words } = desk;
  if (zone === null) return nothing;
  switch (check.state) {
    case 'asked':
      return html`<p class="hint">${words.zone.checking}</p>`;
    case 'unreachable':
      return html`<p class="warn-text">${words.zone.unreachable}</p>`;
    case 'good': {
      const found = check.preview.bans.find((ban) => ban.banId === banId);
      return html`<p class="good">${sign('tick')} ${words.zone.good}</p>
        ${overlapList(desk, found?.overlaps ?? [])}`;
    }
    default:
      return nothing;
  }
}

function buttons(desk: ApprovalDesk, draft: ZoneDraft, { orderId }: LoadedDossier) {
  const { words, actions, live, state } = desk;
  const { act, check } = state;
  const outdated = isOutdated(state);
  const busy = act.state === 'sent';
  const bad = readDraft(draft).zone === null || check.state === 'faults';
  const hindrance = !live ? words.act.offline : outdated ? words.act.outdated : null;
  return html`<div class="zone-foot">
    ${zoneOutcome(desk, orderId)}
    <p class="hint">${hindrance ?? words.zone.saveMeaning}</p>
    <div class="zone-buttons">
      <button class="primary" ?disabled=${bad || busy || hindrance !== null}>
        ${words.zone.save}
      </button>
      <button type="button" @click=${actions.stopDrawing}>${words.zone.cancel}</button>
    </div>
  </div>`;
}

function zoneOutcome({ state, words, actions }: ApprovalDesk, orderId: string) {
  const { act } = state;
  if (act.state === 'none' || act.act !== 'zone' || act.orderId !== orderId) return nothing;
  if (act.state === 'sent') return html`<p role="status">${words.act.sent}</p>`;
  if (act.state === 'done') return nothing;
  const why = act.state === 'refused' ? problemText(act.problem, words) : words.act.unanswered;
  return html`<p class="refused" role="alert">
    ${sign('stop')} <span><b>${words.act.refused(words.act.names.zone)}</b> ${why}</span>
    <button type="button" @click=${actions.lookAgain}>${words.act.lookAgain}</button>
  </p>`;
}
