import type { TemplateResult } from 'lit';
import { approvalActions } from './approval-actions.ts';
import { APPROVAL_WORDS } from './approval-catalogue.ts';
import type { ApprovalDesk, Pen } from './approval-desk.ts';
import { approvalMapDriver } from './approval-map-driver.ts';
import {
  type ActState,
  type ApprovalMessage,
  type ApprovalState,
  FIRST_STATE,
  reduce,
} from './approval-model.ts';
import { approvalPage, unenforcedCount, waitingCount } from './approval-page.ts';
import { ApprovalReader } from './approval-reader.ts';
import { isLive, serverNowMs } from './approval-selectors.ts';
import type { ApprovalHooks, ApprovalStage } from './approval-stage.ts';
import { WORDS } from './catalogue.ts';
import { textOf } from './zone-draft.ts';
import './approval.css';
import './approval-dossier.css';
import './approval-map.css';

/** The page of a second person, from signing in to signing out. */
export interface ApprovalRun {
  page(): TemplateResult;
  title(): string;
  /** After the page has been rendered. */
  rendered(): void;
}

export function runApproval(hooks: ApprovalHooks): ApprovalRun {
  let state: ApprovalState = { ...FIRST_STATE, nowMs: hooks.clock.nowMs() };
  let pen: Pen = 'select';
  let { session } = hooks;
  const fields = new Map<string, string>();
  let told = state.act;
  const dispatch = (message: ApprovalMessage): void => {
    const after = reduce(state, message);
    if (after === state) return;
    state = after;
    hooks.changed();
  };
  const map = approvalMapDriver({
    preferences: hooks.preferences,
    changed: hooks.changed,
    drawn(zone) {
      pen = 'select';
      if (state.draft !== null) actions.write(textOf(zone, state.draft.text));
      hooks.changed();
    },
  });
  const stage: ApprovalStage = {
    hooks,
    map,
    fields,
    state: () => state,
    dispatch,
    pick(wanted) {
      pen = wanted;
      hooks.changed();
    },
  };
  const reader = new ApprovalReader(stage);
  const actions = approvalActions(stage, reader, (renewed) => void (session = renewed));
  const deskOf = (): ApprovalDesk => {
    const preferences = hooks.preferences();
    const { language } = preferences;
    return {
      state,
      nowMs: serverNowMs(state),
      live: isLive(state),
      words: APPROVAL_WORDS[language],
      common: WORDS[language],
      language,
      preferences,
      session,
      map: map.status(),
      pen,
      mapContainer: map.attach,
      fields,
      actions,
    };
  };
  hooks.clock.onTick(() => {
    dispatch({ type: 'tick', atMs: hooks.clock.nowMs() });
    void reader.tick();
  });
  void reader.readAll();
  return {
    page: () => approvalPage(deskOf()),
    title: () => titleOf(deskOf()),
    rendered() {
      map.draw(state, hooks.preferences(), pen);
      told = keepPlace(told, state.act);
    },
  };
}

/** The button of an act goes when it has been done: the reader goes on at the order. */
function keepPlace(told: ActState, act: ActState): ActState {
  const settled = act !== told && act.state !== 'sent' && act.state !== 'none';
  if (settled && document.activeElement === document.body) {
    document.querySelector<HTMLElement>('.dossier-scroll')?.focus({ preventScroll: true });
  }
  return act;
}

/** Seen on the tab while another window is in front. */
function titleOf(desk: ApprovalDesk): string {
  const { common, words, state } = desk;
  const old = state.line.state === 'down' ? `${common.link.old}! ` : '';
  const todo = Math.max(waitingCount(desk), unenforcedCount(desk));
  return `${old}${todo > 0 ? common.list.titleCount(todo) : ''}${words.title} · ${common.header.product}`;
}
