import type { Language } from '../shared/figures.ts';
import { DUTCH } from './words-dutch.ts';
import { ENGLISH } from './words-english.ts';
import type { Words } from './words.ts';

/** The words of each language; one that lacks a word does not compile. */
export const WORDS: Record<Language, Words> = { nl: DUTCH, en: ENGLISH };
