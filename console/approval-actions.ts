import type { Session } from '../shared/session.ts';
import { checkZone, type Fetched, postStep, putZone } from './approval-api.ts';
import type { ApprovalActions } from './approval-desk.ts';
import type { ActName, ActState, LoadedDossier } from './approval-model.ts';
import type { ApprovalReader } from './approval-reader.ts';
import type { ApprovalStage } from './approval-stage.ts';
import { isOutdated } from './approval-selectors.ts';
import { signIn, signOut } from './session-api.ts';
import { changed, draftOf, readDraft, undone, type ZoneDraft } from './zone-draft.ts';

/** Letters come faster than a server should be asked about each. */
const CHECK_AFTER_MS = 500;

type DraftActions = Pick<
  ApprovalActions,
  'draw' | 'write' | 'undo' | 'stopDrawing' | 'saveZone' | 'pick'
>;

export function approvalActions(
  stage: ApprovalStage,
  reader: ApprovalReader,
  signedIn: (session: Session) => void,
): ApprovalActions {
  const { dispatch, hooks, map } = stage;
  const choose = (orderId: string): void => {
    dispatch({ type: 'chosen', orderId });
    void reader.readDossier(orderId);
  };
  return {
    choose,
    hold: (held) => dispatch({ type: 'held', held }),
    settle: () => dispatch({ type: 'settle' }),
    search: (text, status) => dispatch({ type: 'searched', text, status }),
    searchServer: () => void reader.search(stage.state().search),
    refresh: () => void reader.readAll(),
    lookAgain() {
      const { dossier } = stage.state();
      if (dossier !== null) choose(dossier.orderId);
    },
    step: (step, reason) =>
      void perform(stage, reader, step, ({ orderId, order }) =>
        postStep(orderId, step, reason, order.version),
      ),
    field(key, text) {
      stage.fields.set(key, text);
      hooks.changed();
    },
    ...draftActions(stage, reader),
    fit: () => map.fit(stage.state()),
    pan: map.pan,
    prefer: hooks.prefer,
    async signInAgain(username, password) {
      const answer = await signIn(username, password);
      if (answer.ok) {
        signedIn(answer.session);
        await reader.readAll();
      }
      hooks.changed();
      return answer;
    },
    signOut: () => void signOut().then(hooks.signedOut),
  };
}

function loadedOf(stage: ApprovalStage): LoadedDossier | null {
  const { dossier } = stage.state();
  return dossier?.state === 'loaded' ? dossier : null;
}

/** Of the version on the screen and no other; afterwards everything is read anew. (SPEC AV5) */
async function perform(
  stage: ApprovalStage,
  reader: ApprovalReader,
  name: ActName,
  send: (dossier: LoadedDossier) => Promise<Fetched<unknown>>,
): Promise<void> {
  const dossier = loadedOf(stage);
  const state = stage.state();
  if (dossier === null || isOutdated(state) || state.act.state === 'sent') return;
  const { orderId } = dossier;
  stage.dispatch({ type: 'act', act: { state: 'sent', act: name, orderId } });
  const answer = await send(dossier);
  const act = outcomeOf(answer, name, orderId);
  stage.dispatch({ type: 'act', act });
  if (!answer.ok && answer.why !== 'refused') {
    const signedOut = answer.why === 'signed-out';
    stage.dispatch({ type: 'unheard', atMs: stage.hooks.clock.nowMs(), signedOut });
    return;
  }
  if (act.state === 'done') stage.fields.delete(`${orderId}/${name}`);
  if (act.state === 'done' && name === 'zone') stage.dispatch({ type: 'drafted', draft: null });
  if (act.state === 'done') await reader.readDossier(orderId);
  await reader.readAll();
}

function outcomeOf(answer: Fetched<unknown>, act: ActName, orderId: string): ActState {
  if (answer.ok) return { state: 'done', act, orderId };
  if (answer.why === 'refused') return { state: 'refused', act, orderId, problem: answer.problem };
  return { state: 'unanswered', act, orderId };
}

function draftActions(stage: ApprovalStage, reader: ApprovalReader): DraftActions {
  const { dispatch, map } = stage;
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** Asks about the newest draft only; an answer about an older one is dropped. */
  const check = async (): Promise<void> => {
    const { draft } = stage.state();
    const dossier = loadedOf(stage);
    const zone = draft === null ? null : readDraft(draft).zone;
    if (draft === null || dossier === null || zone === null) return;
    dispatch({ type: 'checked', check: { state: 'asked' } });
    const answer = await checkZone(dossier.orderId, draft.banId, zone);
    if (stage.state().draft?.text === draft.text) dispatch({ type: 'checked', check: answer });
  };
  const drafted = (draft: ZoneDraft): void => {
    dispatch({ type: 'drafted', draft });
    clearTimeout(timer);
    timer = setTimeout(() => void check(), CHECK_AFTER_MS);
  };
  return {
    draw(banId) {
      const ban = loadedOf(stage)?.order.bans.find((one) => one.banId === banId);
      if (ban === undefined || ban.kind === 'contact-ban') return;
      drafted(draftOf(banId, ban.zone ?? null));
      // The form comes with the next render; whoever works by keyboard goes on there.
      requestAnimationFrame(() => document.getElementById('zone-title')?.focus());
    },
    write(text, typing) {
      const { draft } = stage.state();
      if (draft !== null) drafted(changed(draft, text, typing ?? null));
    },
    undo() {
      const { draft } = stage.state();
      if (draft !== null && !map.undo()) drafted(undone(draft));
    },
    stopDrawing: () => dispatch({ type: 'drafted', draft: null }),
    saveZone() {
      const { draft } = stage.state();
      const zone = draft === null ? null : readDraft(draft).zone;
      if (draft === null || zone === null) return;
      void perform(stage, reader, 'zone', ({ orderId, order }) =>
        putZone(orderId, draft.banId, zone, order.version),
      );
    },
    pick: stage.pick,
  };
}
