// Reads a `Retry-After` header (RFC 9110, 10.2.3): seconds, or one of the three date forms of section 5.6.7.

const IMF_FIXDATE =
  /^(?<weekday>\w{3}), (?<day>\d\d) (?<month>\w{3}) (?<year>\d{4}) (?<clock>[\d:]{8}) gmt$/i;
const RFC_850 =
  /^(?<weekday>\w{3})(?:day|sday|nesday|rsday|urday), (?<day>\d\d)-(?<month>\w{3})-(?<year>\d\d) (?<clock>[\d:]{8}) gmt$/i;
const ASCTIME = /^(?<weekday>\w{3}) (?<month>\w{3}) (?<day>[ \d]\d) (?<clock>[\d:]{8}) (?<year>\d{4})$/i;

/**
 * Seconds to wait from `now`, or `undefined` where the header is absent or malformed: then ordinary back-off decides.
 * A date in the past means no wait. Negative, fractional and signed numbers are malformed, as is a date that is in no
 * calendar.
 *
 * @param now milliseconds since the epoch, by the clock that the date is to be compared with.
 */
export const parseRetryAfter = (header: string | null | undefined, now: number): number | undefined => {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) return Math.min(Number(text), Number.MAX_SAFE_INTEGER);
  const at = parseHttpDate(text, now);
  return at === undefined ? undefined : Math.max(0, Math.ceil((at - now) / 1000));
};

const parseHttpDate = (text: string, now: number): number | undefined => {
  const parts = (IMF_FIXDATE.exec(text) ?? RFC_850.exec(text) ?? ASCTIME.exec(text))?.groups;
  if (!parts) return undefined;
  const { weekday, day = '', month, year = '', clock } = parts;
  const fixdate = `${weekday}, ${day.replace(' ', '0')} ${month} ${fullYear(year, now)} ${clock} GMT`;
  const at = Date.parse(fixdate);
  // JavaScript takes 31 February for 3 March: a good date is the same when it is written back.
  return new Date(at).toUTCString().toLowerCase() === fixdate.toLowerCase() ? at : undefined;
};

/** RFC 9110: a two-digit year over 50 years ahead means the most recent year with those digits. */
const fullYear = (digits: string, now: number): string => {
  if (digits.length === 4) return digits;
  const thisYear = new Date(now).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + Number(digits);
  return String(year > thisYear + 50 ? year - 100 : year);
};
