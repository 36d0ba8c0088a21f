// Under `pseudonymize` a guest is known by a keyed hash: in the fields, and in what others write of them.

/** The id as it may be written down, and a text about the guest without the id. */
export interface Pseudonyms {
  nameOf(externalId: string): string;
  /** What the platform or a gateway said of a guest, however the id is written in it. */
  without(text: string, externalId: string): string;
}

export const realNames: Pseudonyms = { nameOf: (externalId) => externalId, without: (text) => text };

/** @param nameOf the keyed hash of an id */
export const createPseudonyms = (nameOf: (externalId: string) => string): Pseudonyms => ({
  nameOf,
  without: (text, externalId) => text.replace(spellingsOf(externalId), nameOf(externalId)),
});

/** An id as it is, in base64 or hex, or with any of its characters as a URL, JSON or HTML would write them. */
const spellingsOf = (id: string): RegExp => {
  const bytes = Buffer.from(id);
  const whole = [
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ];
  return new RegExp([...whole.map(literal), [...id].map(spellingOf).join('')].join('|'), 'gi');
};

const spellingOf = (character: string): string => {
  const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
  const point = character.codePointAt(0) as number;
  const ways = [
    literal(character),
    [...Buffer.from(character)].map((byte) => `%${hex(byte, 2)}`).join(''),
    units.map((unit) => `\\\\+u${hex(unit, 4)}`).join(''),
    `&#(?:0*${point}|x0*${point.toString(16)});`,
    ...(NAMED[character] ?? []),
  ];
  return `(?:${ways.join('|')})`;
};

/** Characters that have a short way of their own somewhere. */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  ' ': ['\\+'],
  '"': ['\\\\+"', '&quot;'],
  '&': ['&amp;'],
  '/': ['\\\\+/'],
  '\\': ['\\\\{2}'],
  "'": ['&apos;'],
  '<': ['&lt;'],
  '>': ['&gt;'],
};

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0');

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
