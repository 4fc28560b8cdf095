/** The words of our scripts. Indonesian unless the page says otherwise. */

const ENGLISH = document.documentElement.lang.startsWith('en');

/** @returns the text in the language of the page */
export const text = (indonesian, english) => (ENGLISH ? english : indonesian);

export const isEnglish = () => ENGLISH;
