import type { Language } from '../shared/figures.ts';
import { DUTCH_APPROVAL } from './approval-words-dutch.ts';
import { ENGLISH_APPROVAL } from './approval-words-english.ts';
import type { ApprovalWords } from './approval-words.ts';

/** Apart from the words of the desk, so that an operator's page does not load them. */
export const APPROVAL_WORDS: Record<Language, ApprovalWords> = {
  nl: DUTCH_APPROVAL,
  en: ENGLISH_APPROVAL,
};
