import { html, nothing, type TemplateResult } from 'lit';
import type { Language } from '../shared/figures.ts';
import type { Words } from './words.ts';

export interface SignInForm {
  readonly words: Words;
  readonly busy: boolean;
  readonly problem: string | null;
  readonly submit: (username: string, password: string) => void;
}

/** Pasting and password managers are welcome: nobody should have to remember. (WCAG 3.3.8) */
export function signInForm({ words, busy, problem, submit }: SignInForm): TemplateResult {
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    submit(String(data.get('username')), String(data.get('password')));
  };
  return html`
    <form class="sign-in" @submit=${onSubmit}>
      <label>
        ${words.signIn.username}
        <input
          name="username"
          autocomplete="username"
          autocapitalize="none"
          spellcheck="false"
          maxlength="100"
          required
        />
      </label>
      <label>
        ${words.signIn.password}
        <input
          name="password"
          type="password"
          autocomplete="current-password"
          maxlength="1000"
          required
        />
      </label>
      <p class="problem" role="alert">${problem ?? nothing}</p>
      <button class="primary" ?disabled=${busy}>
        ${busy ? words.signIn.busy : words.signIn.submit}
      </button>
    </form>
  `;
}

const languageButton = (words: Words, language: Language, onSwitch: () => void): TemplateResult =>
  html`<button
    class="quiet"
    type="button"
    lang=${language === 'nl' ? 'en' : 'nl'}
    @click=${onSwitch}
  >
    ${words.header.otherLanguage}
  </button>`;

export function signInPage(
  form: SignInForm,
  language: Language,
  onSwitch: () => void,
): TemplateResult {
  return html`
    <main class="door">
      <div class="card">
        <p class="product">${form.words.header.product}</p>
        <h1>${form.words.signIn.title}</h1>
        ${signInForm(form)} ${languageButton(form.words, language, onSwitch)}
      </div>
    </main>
  `;
}

/** One gesture is what a browser wants before it lets an alarm sound. */
export function shiftPage(
  words: Words,
  username: string,
  language: Language,
  start: () => void,
  onSwitch: () => void,
): TemplateResult {
  return html`
    <main class="door">
      <div class="card">
        <p class="product">${words.header.product}</p>
        <h1>${words.shift.title}</h1>
        <p>${username}</p>
        <p>${words.shift.explain}</p>
        <button class="primary" @click=${start}>${words.shift.start}</button>
        ${languageButton(words, language, onSwitch)}
      </div>
    </main>
  `;
}
