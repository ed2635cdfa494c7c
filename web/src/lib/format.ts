// Numbers and times as people read them. Pure: the present is always an argument.

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 8500 → "8,500"; a relaxed balance may be negative and then carries a true minus sign. */
export function number(value: number): string {
  return value < 0 ? `−${grouped.format(-value)}` : grouped.format(value);
}

export function tokens(value: number): string {
  return `${number(value)} ${Math.abs(value) === 1 ? 'token' : 'tokens'}`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/** Milliseconds left as a clock: "4:05", "03:12:09", "2 d 03:12:09". Rounded up, so that 0:00 means now. */
export function countdown(ms: number): string {
  const total = Math.max(0, Math.ceil(ms / 1000));
  const days = Math.floor(total / 86_400);
  const hours = Math.floor((total % 86_400) / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const seconds = total % 60;
  const two = (n: number) => String(n).padStart(2, '0');
  if (days > 0) return `${days} d ${two(hours)}:${two(minutes)}:${two(seconds)}`;
  if (hours > 0) return `${two(hours)}:${two(minutes)}:${two(seconds)}`;
  return `${minutes}:${two(seconds)}`;
}

/** Milliseconds left in words for screen readers and prose: "5 h 12 min", "3 days". */
export function spoken(ms: number): string {
  const minutes = Math.max(0, Math.ceil(ms / 60_000));
  if (minutes < 1) return 'less than a minute';
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} days`;
}

/** When something is expected to begin: "now", "within a minute", "in 2–6 min", "in more than 40 min"; nothing while that is not known. */
export function expected(earliest: string | null | undefined, latest: string | null | undefined, now: number): string {
  const low = earliest ? Date.parse(earliest) - now : NaN;
  const high = latest ? Date.parse(latest) - now : NaN;
  if (Number.isNaN(low)) return '';
  if (Number.isNaN(high)) return low < 60_000 ? '' : `in more than ${span(Math.floor(low / 60_000))}`;
  if (high <= 5000) return 'now';
  if (high <= 60_000) return 'within a minute';
  const from = Math.max(0, Math.floor(low / 60_000));
  const to = Math.ceil(high / 60_000);
  if (from < 1) return `within ${span(to)}`;
  if (to <= 90) return from === to ? `in ${to} min` : `in ${from}–${to} min`;
  return `in ${span(from)} to ${span(to)}`;
}

function span(minutes: number): string {
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

/** How long ago, coarsely: "just now", "4 min ago", "3 h ago", then the date. */
export function ago(at: string, now: number): string {
  const then = Date.parse(at);
  if (Number.isNaN(then)) return '';
  const seconds = Math.floor((now - then) / 1000);
  if (seconds < 45) return 'just now';
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return date(at, now);
}

/** "14 Mar", with the year when it is not this one. */
export function date(at: string, now: number): string {
  const then = new Date(at);
  const sameYear = then.getFullYear() === new Date(now).getFullYear();
  return then.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
  });
}

/** The clock time of an instant in the reader's zone, with the day unless it is today: "00:00", "14 Mar, 00:00". */
export function clock(at: string, now: number): string {
  const then = new Date(at);
  const time = then.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  return then.toDateString() === new Date(now).toDateString() ? time : `${date(at, now)}, ${time}`;
}

/** Amounts of money come in hundredths of the currency; whole ones are shown without cents. */
export function money(hundredths: number, currency: string): string {
  return new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency,
    minimumFractionDigits: hundredths % 100 === 0 ? 0 : 2,
  }).format(hundredths / 100);
}

const kinds: Record<string, string> = {
  daily: 'Daily',
  plan: 'Plan',
  bonus: 'Bonus',
  rollover: 'Rollover',
  topup: 'Top-up',
  gift: 'Gift',
  adjustment: 'Adjustment',
  refund: 'Refund',
};

export function kindName(kind: string): string {
  return kinds[kind] ?? kind.charAt(0).toUpperCase() + kind.slice(1).replaceAll('_', ' ');
}

/** 768 × 512 → "3:2"; sides without a small common ratio give their quotient: "1.37:1". */
export function ratio(width: number, height: number): string {
  if (!(width > 0 && height > 0)) return '';
  const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
  const divisor = gcd(width, height);
  const [w, h] = [width / divisor, height / divisor];
  if (w <= 21 && h <= 21) return `${w}:${h}`;
  return width >= height ? `${(width / height).toFixed(2)}:1` : `1:${(height / width).toFixed(2)}`;
}
