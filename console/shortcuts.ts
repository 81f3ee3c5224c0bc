export type Shortcut = 'next' | 'previous' | 'acknowledge' | 'silence';

/** The same keys in both languages, so that switching the language changes no habit. */
const KEYS: Readonly<Record<string, Shortcut>> = {
  j: 'next',
  k: 'previous',
  b: 'acknowledge',
  g: 'silence',
};

interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  readonly repeat: boolean;
}

/** Null while somebody types, or when the key belongs to the browser. */
export function shortcutOf(press: KeyPress, typing: boolean): Shortcut | null {
  if (typing || press.ctrlKey || press.altKey || press.metaKey || press.repeat) return null;
  return KEYS[press.key.toLowerCase()] ?? null;
}

/** Is the key going into a field? */
export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('input, textarea, select') !== null;
