import { html, type TemplateResult } from 'lit';
import type { ApprovalDesk } from './approval-desk.ts';
import {
  CORNERS_MAX,
  inCrs,
  type Pair,
  pastedPair,
  readDraft,
  type ZoneDraft,
} from './zone-draft.ts';

/** The fields of a zone that is being drawn; each change is a step that can be taken back. */
export const shapeChoice = (
  { words, actions }: ApprovalDesk,
  { text }: ZoneDraft,
): TemplateResult =>
  radios(words.zone.shape, 'shape', words.zone.shapes, text.shape, (shape) =>
    actions.write({ ...text, shape }),
  );

export const crsChoice = ({ words, actions }: ApprovalDesk, { text }: ZoneDraft): TemplateResult =>
  radios(words.zone.crs, 'crs', words.zone.systems, text.crs, (crs) =>
    actions.write(inCrs(text, crs)),
  );

/** In the order in which they are named. */
function radios<Value extends string>(
  legend: string,
  name: string,
  labels: Readonly<Record<Value, string>>,
  chosen: Value,
  choose: (value: Value) => void,
): TemplateResult {
  return html`<fieldset>
    <legend>${legend}</legend>
    ${(Object.keys(labels) as Value[]).map(
      (value) =>
        html`<label class="check">
          <input
            type="radio"
            name=${name}
            value=${value}
            .checked=${chosen === value}
            @change=${() => choose(value)}
          />
          ${labels[value]}
        </label>`,
    )}
  </fieldset>`;
}

/** What is wrong with a field is told by the field too, for whoever cannot see the list. */
const isWrong = (draft: ZoneDraft, at: number | 'centre' | 'radius'): boolean =>
  draft.before.length > 0 && readDraft(draft).faults.some((fault) => fault.at === at);

const valueOf = (event: Event): string => (event.currentTarget as HTMLInputElement).value;

/** Two numbers pasted into one field fill both. */
function typed(pair: Pair, axis: 0 | 1, event: Event): Pair {
  const value = valueOf(event);
  const pasted = (event as InputEvent).inputType === 'insertFromPaste' ? pastedPair(value) : null;
  return pasted ?? (axis === 0 ? [value, pair[1]] : [pair[0], value]);
}

export function placeFields(desk: ApprovalDesk, draft: ZoneDraft): TemplateResult {
  const { words, actions } = desk;
  const { text } = draft;
  const wrong = isWrong(draft, 'centre');
  return html`<fieldset class="pair">
    <legend>${words.zone.centre}</legend>
    ${([0, 1] as const).map(
      (axis) =>
        html`<label>
          ${words.zone.axes[text.crs][axis]}
          <input
            name=${axis === 0 ? 'centre-x' : 'centre-y'}
            inputmode="decimal"
            autocomplete="off"
            maxlength="60"
            aria-invalid=${wrong}
            .value=${text.centre[axis]}
            @input=${(event: Event) =>
              actions.write({ ...text, centre: typed(text.centre, axis, event) }, `centre/${axis}`)}
          />
        </label>`,
    )}
  </fieldset>`;
}

export function radiusField({ words, actions }: ApprovalDesk, draft: ZoneDraft): TemplateResult {
  return html`<label class="radius">
    ${words.zone.radius}
    <input
      name="radius"
      inputmode="decimal"
      autocomplete="off"
      maxlength="12"
      aria-invalid=${isWrong(draft, 'radius')}
      .value=${draft.text.radius}
      @input=${(event: Event) => actions.write({ ...draft.text, radius: valueOf(event) }, 'radius')}
    />
  </label>`;
}

export function cornerTable(desk: ApprovalDesk, draft: ZoneDraft): TemplateResult {
  const { words, actions } = desk;
  const { text } = draft;
  const axes = words.zone.axes[text.crs];
  const full = text.corners.length >= CORNERS_MAX;
  const insert = (at: number): void =>
    actions.write({ ...text, corners: text.corners.toSpliced(at, 0, ['', '']) });
  return html`
    <div class="corners">
      <table>
        <caption>
          ${words.zone.corners}
        </caption>
        <thead>
          <tr>
            <th scope="col"><span class="hidden">${words.zone.corners}</span></th>
            <th scope="col">${axes[0]}</th>
            <th scope="col">${axes[1]}</th>
            <td></td>
          </tr>
        </thead>
        <tbody>
          ${text.corners.map((corner, at) => cornerRow(desk, draft, corner, at, insert))}
        </tbody>
      </table>
    </div>
    <button type="button" ?disabled=${full} @click=${() => insert(text.corners.length)}>
      ${words.zone.addCorner}
    </button>
  `;
}

function cornerRow(
  { words, actions }: ApprovalDesk,
  draft: ZoneDraft,
  corner: Pair,
  at: number,
  insert: (at: number) => void,
): TemplateResult {
  const { text } = draft;
  const axes = words.zone.axes[text.crs];
  const wrong = isWrong(draft, at);
  const write = (pair: Pair, axis: 0 | 1): void =>
    actions.write({ ...text, corners: text.corners.with(at, pair) }, `corner/${at}/${axis}`);
  const cell = (axis: 0 | 1): TemplateResult =>
    html`<td>
      <input
        aria-label=${words.zone.cornerAxis(at + 1, axes[axis])}
        inputmode="decimal"
        autocomplete="off"
        maxlength="60"
        aria-invalid=${wrong}
        .value=${corner[axis]}
        @input=${(event: Event) => write(typed(corner, axis, event), axis)}
      />
    </td>`;
  return html`<tr>
    <th scope="row">${at + 1}</th>
    ${cell(0)} ${cell(1)}
    <td class="corner-acts">
      <button
        type="button"
        aria-label=${words.zone.insertAfter(at + 1)}
        title=${words.zone.insertAfter(at + 1)}
        ?disabled=${text.corners.length >= CORNERS_MAX}
        @click=${() => insert(at + 1)}
      >
        +
      </button>
      <button
        type="button"
        aria-label=${words.zone.removeCorner(at + 1)}
        title=${words.zone.removeCorner(at + 1)}
        @click=${() => actions.write({ ...text, corners: text.corners.toSpliced(at, 1) })}
      >
        −
      </button>
    </td>
  </tr>`;
}
