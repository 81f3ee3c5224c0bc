import '@fontsource/noto-sans/latin-400.css';
import '@fontsource/noto-sans/latin-600.css';
import './tokens.css';
import './desk.css';
import './proof.css';
import './alerts.css';
import './detail.css';
import './map.css';
import { html, render, type TemplateResult } from 'lit';
import type { Session } from '../shared/session.ts';
import { focusRow } from './alert-list.ts';
import { announcer } from './announcer.ts';
import type { ApprovalRun } from './approval-run.ts';
import { pageClock, workerTicks } from './clock.ts';
import type { Desk } from './desk.ts';
import { deskPage } from './desk-page.ts';
import { frames as pageFrames } from './frames.ts';
import { type DeskRun, runDesk } from './desk-run.ts';
import { keepFocus } from './focus-keeper.ts';
import { signInProblem } from './link-banner.ts';
import { mapDriver } from './map-driver.ts';
import type { ConsoleState } from './model.ts';
import { loadPlaces, type Place } from './nearest-place.ts';
import { newsOf } from './news.ts';
import { loadPreferences, type Preferences, savePreferences } from './preferences.ts';
import { awaitsAcknowledgement, callOf, isLive, serverNowMs } from './selectors.ts';
import { currentSession, signIn } from './session-api.ts';
import { isTyping, type Shortcut, shortcutOf } from './shortcuts.ts';
import { shiftPage, signInPage } from './sign-in-page.ts';
import { pageSound } from './sound.ts';
import { WORDS } from './catalogue.ts';

type Phase =
  | { name: 'loading' }
  | { name: 'sign-in'; busy: boolean; problem: string | null }
  | { name: 'shift'; session: Session }
  | { name: 'desk'; session: Session; run: DeskRun; soundWorks: boolean }
  | { name: 'approval'; run: ApprovalRun };

const byId = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;
const storage = (() => {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
})();

let preferences = loadPreferences(storage);
let phase: Phase = { name: 'loading' };
let renderDue = false;
let places: readonly Place[] = [];
const clock = pageClock(workerTicks);
const frames = pageFrames((run) => requestAnimationFrame(run), clock.onTick);
const sound = pageSound();
const speak = announcer(byId('urgent'), byId('polite'));
const map = mapDriver(() => preferences, scheduleRender);

/** Alerts of a burst come as one change; what a person did is on the screen before the next key. */
function scheduleRender(): void {
  if (renderDue) return;
  renderDue = true;
  queueMicrotask(() => {
    renderDue = false;
    keepFocus(() => render(page(), byId('app')));
    if (phase.name === 'desk') map.draw(phase.run.state(), preferences);
    if (phase.name === 'approval') phase.run.rendered();
  });
}

function page(): TemplateResult {
  const words = WORDS[preferences.language];
  const { language } = preferences;
  const onSwitch = (): void => prefer({ language: language === 'nl' ? 'en' : 'nl' });
  document.documentElement.lang = language;
  document.documentElement.dataset['theme'] = preferences.theme;
  document.title = titleOf();
  switch (phase.name) {
    case 'loading':
      return html`<main class="door"></main>`;
    case 'sign-in':
      return signInPage(
        { words, ...phase, submit: (...a) => void enter(...a) },
        language,
        onSwitch,
      );
    case 'shift': {
      const { session } = phase;
      const start = (): void => void startShift(session);
      return shiftPage(words, session.username, language, start, onSwitch);
    }
    case 'desk':
      return deskPage(deskOf(phase));
    case 'approval':
      return phase.run.page();
  }
}

function deskOf({ run, session, soundWorks }: Extract<Phase, { name: 'desk' }>): Desk {
  const state = run.state();
  return {
    state,
    nowMs: serverNowMs(state),
    live: isLive(state),
    words: WORDS[preferences.language],
    language: preferences.language,
    preferences,
    session,
    soundWorks,
    places,
    map: map.status(),
    mapContainer: map.attach,
    drafts: run.drafts,
    actions: run.actions,
  };
}

/** Seen on the tab while another window is in front. */
function titleOf(): string {
  if (phase.name === 'approval') return phase.run.title();
  const { header, list, link } = WORDS[preferences.language];
  if (phase.name !== 'desk') return header.product;
  const state = phase.run.state();
  const waiting = [...state.alerts.values()].filter(
    (alert) => alert.priority <= 2 && awaitsAcknowledgement(alert),
  ).length;
  const old = isLive(state) ? '' : `${link.old}! `;
  return `${old}${waiting > 0 ? list.titleCount(waiting) : ''}${header.product}`;
}

function prefer(change: Partial<Preferences>): void {
  preferences = { ...preferences, ...change };
  savePreferences(storage, preferences);
  scheduleRender();
}

function arrive(session: Session): void {
  if (session.role === 'approver') return void openApproval(session);
  const problem = WORDS[preferences.language].signIn.notOperator(session.role);
  phase =
    session.role === 'operator'
      ? { name: 'shift', session }
      : { name: 'sign-in', busy: false, problem };
  scheduleRender();
}

/** Another person's page, loaded for nobody else. */
async function openApproval(session: Session): Promise<void> {
  try {
    const { runApproval } = await import('./approval-run.ts');
    const run = runApproval({
      clock,
      session,
      preferences: () => preferences,
      prefer,
      changed: scheduleRender,
      signedOut: () => location.reload(),
    });
    phase = { name: 'approval', run };
  } catch {
    const problem = signInProblem('unreachable', WORDS[preferences.language]);
    phase = { name: 'sign-in', busy: false, problem };
  }
  scheduleRender();
}

async function enter(username: string, password: string): Promise<void> {
  phase = { name: 'sign-in', busy: true, problem: null };
  scheduleRender();
  const answer = await signIn(username, password);
  if (answer.ok) return arrive(answer.session);
  const problem = signInProblem(answer.why, WORDS[preferences.language]);
  phase = { name: 'sign-in', busy: false, problem };
  scheduleRender();
}

async function startShift(session: Session): Promise<void> {
  const soundWorks = await sound.unlock();
  const run = runDesk({
    clock,
    frames,
    changed: onChange,
    prefer,
    zoom: (to) => map.zoom(to, run.state()),
    signedIn: (renewed) => {
      if (phase.name === 'desk') phase = { ...phase, session: renewed };
    },
    signedOut: () => location.reload(),
  });
  phase = { name: 'desk', session, run, soundWorks };
  scheduleRender();
  places = await loadPlaces();
  scheduleRender();
}

function onChange(before: ConsoleState, after: ConsoleState): void {
  scheduleRender();
  const news = newsOf(before.alerts, after.alerts);
  const { language } = preferences;
  speak.tell(news, serverNowMs(after), WORDS[language], language);
  if (news.others.some(({ priority }) => priority === 2) && after.silence === null) sound.chime();
  // With nothing chosen there is nothing to take away: show the danger, leave the focus alone.
  const first = news.now[0];
  if (first !== undefined && after.selectedId === null && phase.name === 'desk') {
    phase.run.dispatch({ type: 'selected', alertId: first.alertId });
  }
}

clock.onTick(() => {
  if (phase.name !== 'desk') return;
  const { run } = phase;
  run.dispatch({ type: 'tick', atMs: clock.nowMs() });
  sound.keep(callOf(run.state()), clock.nowMs());
});

document.addEventListener('keydown', (event) => {
  if (phase.name !== 'desk' || !preferences.shortcuts) return;
  const shortcut = shortcutOf(event, isTyping(event.target));
  if (shortcut === null) return;
  event.preventDefault();
  press(shortcut, phase.run);
});

function press(shortcut: Shortcut, run: DeskRun): void {
  const list = document.querySelector<HTMLElement>('.list');
  switch (shortcut) {
    case 'next':
    case 'previous': {
      if (list !== null) focusRow(list, shortcut === 'next' ? 1 : -1);
      const row = document.activeElement?.closest<HTMLElement>('.row');
      if (row?.dataset['alert'] !== undefined) run.actions.select(row.dataset['alert']);
      return;
    }
    case 'acknowledge': {
      const { selectedId, alerts } = run.state();
      const alert = selectedId === null ? undefined : alerts.get(selectedId);
      if (alert === undefined || !awaitsAcknowledgement(alert) || !isLive(run.state())) return;
      run.actions.act({ type: 'acknowledge', alertId: alert.alertId });
      return;
    }
    case 'silence':
      run.actions.silence();
  }
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', scheduleRender);
scheduleRender();
const current = await currentSession();
if (current.state === 'signed-in') arrive(current.session);
else {
  phase = { name: 'sign-in', busy: false, problem: null };
  scheduleRender();
}
