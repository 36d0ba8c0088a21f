// Reads a `Retry-After` header (RFC 9110, 10.2.3): seconds, or one of the three date forms of section 5.6.7.

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAY = '(?:mon|tue|wed|thu|fri|sat|sun)';
const CLOCK = '(\\d\\d):(\\d\\d):(\\d\\d)';
const IMF_FIXDATE = new RegExp(`^${DAY}, (\\d\\d) ([a-z]{3}) (\\d{4}) ${CLOCK} gmt$`);
const RFC_850 = new RegExp(`^${DAY}[a-z]*, (\\d\\d)-([a-z]{3})-(\\d\\d) ${CLOCK} gmt$`);
const ASCTIME = new RegExp(`^${DAY} ([a-z]{3}) ([ \\d]\\d) ${CLOCK} (\\d{4})$`);

/**
 * Seconds to wait from `now`, or `undefined` where the header is absent or malformed: then ordinary back-off decides.
 * A date in the past means no wait. Negative, fractional and signed numbers are malformed.
 *
 * @param now milliseconds since the epoch, by the clock that the date is to be compared with.
 */
export const parseRetryAfter = (header: string | null | undefined, now: number): number | undefined => {
  const text = header?.trim().toLowerCase() ?? '';
  if (/^\d+$/.test(text)) return Math.min(Number(text), Number.MAX_SAFE_INTEGER);
  const at = parseHttpDate(text, now);
  return at === undefined ? undefined : Math.max(0, Math.ceil((at - now) / 1000));
};

const parseHttpDate = (text: string, now: number): number | undefined => {
  const imf = IMF_FIXDATE.exec(text);
  if (imf) return instant(Number(imf[3]), imf[2], imf[1], imf.slice(4, 7));
  const rfc850 = RFC_850.exec(text);
  if (rfc850) return instant(fullYear(Number(rfc850[3]), now), rfc850[2], rfc850[1], rfc850.slice(4, 7));
  const asctime = ASCTIME.exec(text);
  if (asctime) return instant(Number(asctime[6]), asctime[1], asctime[2], asctime.slice(3, 6));
  return undefined;
};

/** RFC 9110: a two-digit year over 50 years ahead means the most recent year with those digits. */
const fullYear = (twoDigits: number, now: number): number => {
  const thisYear = new Date(now).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + twoDigits;
  return year > thisYear + 50 ? year - 100 : year;
};

const instant = (
  year: number,
  monthName: string | undefined,
  day: string | undefined,
  clock: readonly string[],
): number | undefined => {
  const month = MONTHS.indexOf(monthName ?? '');
  const [hours = Number.NaN, minutes = Number.NaN, seconds = Number.NaN] = clock.map(Number);
  if (month < 0 || hours > 23 || minutes > 59 || seconds > 60) return undefined;
  const at = Date.UTC(year, month, Number(day), hours, minutes, seconds);
  // Date.UTC takes 31 February for 3 March; a header that says so is malformed.
  return new Date(at).getUTCDate() === Number(day) || seconds === 60 ? at : undefined;
};
