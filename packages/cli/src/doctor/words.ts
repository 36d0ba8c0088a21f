// How the doctor words what it says.

export const capital = (text: string): string => text.replace(/^[a-z]/, (letter) => letter.toUpperCase());

/** A length of time as a person would say it. */
export const inWords = (seconds: number): string => {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} minutes` : `${Math.round(seconds / 3_600)} hours`;
};
