/** What a column measures, as far as its name says. */
export type Dimension =
  | 'length'
  | 'mass'
  | 'time'
  | 'temperature'
  | 'data'
  | 'speed'
  | 'pressure'
  | 'volume'
  | 'energy'
  | 'angle'
  | 'share'
  | 'money'
  | 'count';

const WORDS: Readonly<Record<Dimension, string>> = {
  length:
    'distance dist length len height width depth altitude elevation radius diameter range km kilometres kilometers miles mile metres meters meter metre m cm mm ft feet inch inches yards precipitation rainfall snow',
  mass: 'weight mass kg kilograms grams gram g lb lbs pounds oz ounces tons tonnes payload',
  time: 'duration elapsed latency response delay seconds second secs sec minutes minute mins min hours days ms milliseconds runtime uptime wait waiting age tenure time',
  temperature: 'temperature temp atemp celsius fahrenheit kelvin degc degf heat dewpoint',
  data: 'bytes byte bits kb mb gb memory ram disk storage filesize bandwidth traffic',
  speed: 'speed velocity windspeed wind mph kmh kph knots',
  pressure: 'pressure barometer hpa kpa psi bar mmhg',
  volume: 'volume litres liters litre liter gallons ml fuelused',
  energy: 'energy kwh wh joules kj kcal calories power watts kw',
  angle: 'angle bearing heading azimuth rotation latitude longitude lat lon lng',
  share: 'share ratio rate percent percentage pct fraction probability sentiment humidity hum conversion ctr',
  money:
    'price prices cost costs amount revenue sales salary wage wages fare fares fee fees income earnings payment pay paid balance tax spend spending turnover budget profit margin discount shipping bill eur usd gbp chf jpy dollars euros cents money rent premium charge charges cash deposit',
  count:
    'count counts cnt n num number quantity qty visits visitors orders clicks users user customers rentals registered casual signups bookings items passengers trips population events requests calls tickets seats views sessions downloads units rooms children',
};

const KNOWN: ReadonlyMap<string, Dimension> = new Map(
  (Object.keys(WORDS) as readonly Dimension[]).flatMap((dimension) =>
    WORDS[dimension].split(' ').map((word) => [word, dimension] as const),
  ),
);

/** The words of a name: `netFlow_2` gives net, flow, 2. */
const wordsOf = (name: string): readonly string[] =>
  name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\d]+/u)
    .filter((word) => word !== '');

/**
 * What a column measures, by the words of its name. The last word with a meaning counts, but money and counts come
 * first: `price_per_kg` ends in a mass and is money. `undefined` if no word has a meaning.
 */
export function dimensionOf(name: string): Dimension | undefined {
  const found = wordsOf(name).flatMap((word) => KNOWN.get(word) ?? []);
  return found.find((one) => one === 'money') ?? found.find((one) => one === 'count') ?? found.at(-1);
}

/** Quantities whose zero is an agreement, so that values lie on both sides of it: degrees below zero, west and south. */
const WITH_BOTH_SIGNS: ReadonlySet<Dimension | undefined> = new Set(['temperature', 'angle']);

/** What can be owed, lost or paid instead of received. */
const NET = new Set([
  'balance',
  'profit',
  'margin',
  'net',
  'flow',
  'interest',
  'yield',
  'growth',
  'return',
  'change',
  'delta',
]);

/** Amounts of things. They cannot be negative, also where the thing is a return or a change. */
const AMOUNTS: ReadonlySet<Dimension | undefined> = new Set(['mass', 'count', 'length', 'volume']);

/** Whether the column measures something that has values below zero, as far as its name says. */
export function mayBeNegative(name: string): boolean {
  const dimension = dimensionOf(name);
  if (AMOUNTS.has(dimension)) return false;
  return WITH_BOTH_SIGNS.has(dimension) || isStorey(name) || wordsOf(name).some((word) => NET.has(word));
}

/** Whether the column has storeys of buildings, or other levels: some lie below the ground. */
export const isStorey = (name: string): boolean => STOREYS.has(wordsOf(name).at(-1) ?? '');

const STOREYS = new Set(['floor', 'level', 'storey', 'story', 'etage', 'stockwerk']);

const SETTINGS = new Set(['setpoint', 'setting', 'target', 'limit', 'threshold', 'preset']);

/** Whether people set the value, so that one order can make it the same everywhere. */
export const isSetting = (name: string): boolean => wordsOf(name).some((word) => SETTINGS.has(word));

/** Both ends of a movement, and both sides of a deal or a match. Traffic turns round in the evening, and trade in a year. */
const ENDS: readonly (readonly [string, string])[] = [
  ['from', 'to'],
  ['start', 'end'],
  ['origin', 'destination'],
  ['origin', 'dest'],
  ['source', 'target'],
  ['source', 'destination'],
  ['departure', 'arrival'],
  ['pickup', 'dropoff'],
  ['in', 'out'],
  ['inbound', 'outbound'],
  ['incoming', 'outgoing'],
  ['import', 'export'],
  ['imports', 'exports'],
  ['entry', 'exit'],
  ['boarding', 'alighting'],
  ['boarded', 'alighted'],
  ['sent', 'received'],
  ['sender', 'receiver'],
  ['sender', 'recipient'],
  ['payer', 'payee'],
  ['debtor', 'creditor'],
  ['buyer', 'seller'],
  ['home', 'away'],
  ['winner', 'loser'],
  ['first', 'second'],
];

/** Whether two names differ in the direction alone: `from_floor` and `to_floor`. */
export function areEnds(a: string, b: string): boolean {
  const [first, second] = [wordsOf(a), wordsOf(b)];
  const only = (own: readonly string[], other: readonly string[]): string =>
    own.filter((word) => !other.includes(word)).join('');
  const ends = [only(first, second), only(second, first)];
  return ENDS.some((pair) => pair.every((word) => ends.includes(word)));
}

/** What a seller adds or takes off by a rule of his own: free for all, or one rate for all. */
const CHARGES = new Set([
  'shipping',
  'fee',
  'fees',
  'tax',
  'discount',
  'charge',
  'charges',
  'deposit',
  'fare',
  'fares',
]);

/** What has a price may have the same for everybody. Revenue and income are sums of many such prices. */
const PRICES = new Set([
  'price',
  'prices',
  'premium',
  'rent',
  'bill',
  'bills',
  'cost',
  'toll',
  'tariff',
  'wage',
  'wages',
  'subscription',
]);

/** Whether a rule may set the column to one value in every row, even to nothing. */
export const isCharge = (name: string): boolean => wordsOf(name).some((word) => CHARGES.has(word));

/** Whether the name says that the column holds prices of single things. */
export const isPrice = (name: string): boolean => wordsOf(name).some((word) => PRICES.has(word));

/**
 * Whether two columns have the same kind of values, as far as their names say: they share a word that is no number (`pickup_zone` and
 * `dropoff_zone`), or are the two ends of a flow.
 */
export function areOfOneKind(a: string, b: string): boolean {
  const [first, second] = [wordsOf(a), wordsOf(b)];
  if (first.some((word) => !/^\d+$/.test(word) && second.includes(word))) return true;
  const stand = (one: string, other: string): boolean => first.includes(one) && second.includes(other);
  return ENDS.some(([one, other]) => stand(one, other) || stand(other, one));
}
