// Deliveries and the vehicles that make them: 18 columns that go together, and what may happen to them in the second month.
// `change`: the world did it. `bug`: a fault upstream did it. `apply` changes one row; `t` draws random values.
const r2 = (x) => Math.round(x * 100) / 100,
  r1 = (x) => Math.round(x * 10) / 10,
  r3 = (x) => Math.round(x * 1000) / 1000;
export function table(t, i, n, period) {
  const at = new Date(Date.UTC(2026, 4 + period, 1) + Math.floor((i / n) * 28 * 86400000))
    .toISOString()
    .slice(0, 19)
    .replace('T', ' ');
  const depot = t.pick({ Köln: 30, Hamburg: 22, Leipzig: 14, Nürnberg: 12, Kassel: 9, Ulm: 6, Kiel: 4 });
  const vehicle = t.pick({ van: 6, truck: 3, bike: 2 });
  const big = { van: 1, truck: 5, bike: 0.2 }[vehicle];
  const stops = 1 + t.poisson(6 + 2 * big);
  const load = r1(40 * big * t.lognormal(1, 0.5) + 8 * stops);
  const km = r1((vehicle === 'bike' ? 9 : 45) * t.lognormal(1, 0.45) + 1.5 * stops);
  const speed = r1({ van: 48, truck: 58, bike: 16 }[vehicle] + 6 * t.normal());
  const minutes = Math.round((60 * km) / Math.max(5, speed) + 4.5 * stops * t.lognormal(1, 0.2));
  const fuel = vehicle === 'bike' ? 0 : r2(km * 0.085 * (1 + 0.25 * big) * t.lognormal(1, 0.12));
  const fee = r2(6 + 0.9 * stops + 0.35 * km + 1.5 * t.normal() ** 2);
  const pressure = r1(1012 + 9 * t.normal());
  const humidity = Math.round(100 * t.beta(6, 3));
  const engine = r1(82 + 7 * t.normal() + 0.04 * load ** 0.8);
  const late = t.chance(Math.min(0.6, 0.04 + 0.0008 * minutes)) ? 'yes' : 'no';
  const tips = t.chance(0.55) ? 0 : r2(t.lognormal(3, 0.6));
  const net = r2(fee * 3 - 0.4 * minutes + 12 * t.normal());
  const score = r3(t.beta(5, 2));
  return {
    id: 500000 + period * n + i,
    at,
    depot,
    vehicle,
    plan: t.pick({ standard: 12, express: 5, economy: 3 }),
    country: t.pick({ DE: 60, AT: 20, CH: 12, NL: 8 }),
    postcode: String(1000 + Math.floor(t.u() * 40) * 211).padStart(5, '0'),
    stops,
    load,
    km,
    speed,
    minutes,
    fuel,
    fee,
    pressure,
    humidity,
    engine,
    late,
    tips,
    net,
    score,
  };
}
const change = (name, columns, apply) => ({ what: 'change', name, columns: [columns].flat(), apply });
const bug = (name, columns, apply) => ({ what: 'bug', name, columns: [columns].flat(), apply });
const set = (column, f) => (r, t) => {
  r[column] = f(r[column], t, r);
  return r;
};
export const kinds = [
  {
    what: 'same',
    name: 'nothing happened',
    columns: ['depot', 'load', 'km', 'fee', 'tips', 'late', 'postcode'],
    apply: (r) => r,
  },
  change(
    'fuel saving engines: 40 % less',
    'fuel',
    set('fuel', (x, t) => r2(x * t.lognormal(0.6, 0.05))),
  ),
  change(
    'a tariff of plus 12 %',
    'fee',
    set('fee', (x) => r2(x * 1.12)),
  ),
  change(
    'fees doubled to the cent',
    'fee',
    set('fee', (x) => r2(x * 2)),
  ),
  change(
    'fees a tenth: a price war',
    'fee',
    set('fee', (x, t) => r2(x * t.lognormal(0.1, 0.25))),
  ),
  change(
    'currency: fees in francs at 0.94',
    'fee',
    set('fee', (x) => r2(x * 0.9412)),
  ),
  change(
    'new long tours: km three times for half',
    'km',
    set('km', (x, t) => (t.chance(0.5) ? r1(x * t.lognormal(3, 0.25)) : x)),
  ),
  change(
    'routes 2.2 times as long',
    'km',
    set('km', (x, t) => r1(x * t.lognormal(2.2, 0.15))),
  ),
  change(
    'city centre: km halved',
    'km',
    set('km', (x, t) => r1(x * t.lognormal(0.5, 0.15))),
  ),
  change(
    'bulk goods: load 60 times for 10 %',
    'load',
    set('load', (x, t) => (t.chance(0.1) ? r1(x * t.lognormal(60, 0.4)) : x)),
  ),
  change(
    'load ten times: wholesale',
    'load',
    set('load', (x, t) => r1(x * t.lognormal(10, 0.35))),
  ),
  change(
    'jams: minutes 1.7 times',
    'minutes',
    set('minutes', (x, t) => Math.round(x * t.lognormal(1.7, 0.15))),
  ),
  change(
    'minutes plus an hour (a new customs check)',
    'minutes',
    set('minutes', (x, t) => Math.round(x + 60 + 8 * t.normal())),
  ),
  change(
    'stops triple',
    'stops',
    set('stops', (x, t) => 1 + t.poisson(3 * x)),
  ),
  change(
    'one stop only for 60 %',
    'stops',
    set('stops', (x, t) => (t.chance(0.6) ? 1 : x)),
  ),
  change(
    'a heat wave in the engines: 12 degrees',
    'engine',
    set('engine', (x) => r1(x + 12)),
  ),
  change(
    'a high: pressure up 18',
    'pressure',
    set('pressure', (x) => r1(x + 18)),
  ),
  change(
    'a dry month',
    'humidity',
    set('humidity', (_x, t) => Math.round(100 * t.beta(3, 6))),
  ),
  change(
    'losses: net turns negative',
    'net',
    set('net', (x) => r2(x - 45)),
  ),
  change(
    'net mirrored: profit becomes loss',
    'net',
    set('net', (x, t) => r2(-x + 5 * t.normal())),
  ),
  change(
    'tips by card: 30 % more give',
    'tips',
    set('tips', (x, t) => (x === 0 && t.chance(0.5) ? r2(t.lognormal(3, 0.6)) : x)),
  ),
  change(
    'no tips during lockdown',
    'tips',
    set('tips', (x, t) => (t.chance(0.9) ? 0 : x)),
  ),
  change(
    'a flat fee of 19.90 for 40 %',
    'fee',
    set('fee', (x, t) => (t.chance(0.4) ? 19.9 : x)),
  ),
  change(
    'late share from 10 to 30 %',
    'late',
    set('late', (x, t) => (x === 'yes' || t.chance(0.22) ? 'yes' : 'no')),
  ),
  change(
    'depot Ulm replaced by Augsburg',
    'depot',
    set('depot', (x) => (x === 'Ulm' ? 'Augsburg' : x)),
  ),
  change(
    'depots renamed one by one: Köln to Bonn',
    'depot',
    set('depot', (x, t) => (x === 'Köln' && t.chance(0.7) ? 'Bonn' : x)),
  ),
  change(
    'plans renamed for new customers',
    'plan',
    set('plan', (x, t) => (t.chance(0.3) ? t.pick({ basic: 3, premium: 2 }) : x)),
  ),
  change(
    'a fourth plan, 35 %',
    'plan',
    set('plan', (x, t) => (t.chance(0.35) ? 'same-day' : x)),
  ),
  change(
    'expansion to France and Italy',
    'country',
    set('country', (x, t) => (t.chance(0.25) ? t.pick({ FR: 2, IT: 1 }) : x)),
  ),
  change('only trucks any more: load, km follow', ['vehicle', 'load', 'speed'], (r, t) =>
    r.vehicle !== 'truck' && t.chance(0.8)
      ? { ...r, vehicle: 'truck', load: r1(200 * t.lognormal(1, 0.5) + 8 * r.stops), speed: r1(58 + 6 * t.normal()) }
      : r,
  ),
  change(
    'bikes speed up by 60 % (electric)',
    'speed',
    set('speed', (x, _t, r) => (r.vehicle === 'bike' ? r1(x * 1.6) : x)),
  ),
  change(
    'speed limit: capped at 50',
    'speed',
    set('speed', (x) => Math.min(50, x)),
  ),
  change(
    'scores become extreme',
    'score',
    set('score', (_x, t) => r3(t.beta(0.6, 0.5))),
  ),
  change(
    'score optional: 20 % empty',
    'score',
    set('score', (x, t) => (t.chance(0.2) ? null : x)),
  ),
  change('heavier and longer together', ['load', 'km'], (r, t) => {
    const f = t.lognormal(1.8, 0.2);
    return { ...r, load: r1(r.load * f), km: r1(r.km * f) };
  }),
  change(
    'new postcodes of a new area, 25 %',
    'postcode',
    set('postcode', (x, t) => (t.chance(0.25) ? String(70000 + Math.floor(t.u() * 30) * 97) : x)),
  ),
  change(
    'spread of net doubles',
    'net',
    set('net', (x) => r2(3 * x)),
  ),
  change(
    'every day, in 25 % no rain: humidity 40',
    'humidity',
    set('humidity', (x, t) => (t.chance(0.25) ? 40 : x)),
  ),
  bug(
    'km in miles',
    'km',
    set('km', (x) => r1(x / 1.609344)),
  ),
  bug(
    'minutes in seconds',
    'minutes',
    set('minutes', (x) => x * 60),
  ),
  bug(
    'minutes in hours, two decimals',
    'minutes',
    set('minutes', (x) => r2(x / 60)),
  ),
  bug(
    'load in pounds',
    'load',
    set('load', (x) => r1(x / 0.45359237)),
  ),
  bug(
    'load in tonnes',
    'load',
    set('load', (x) => x / 1000),
  ),
  bug(
    'pressure in bar',
    'pressure',
    set('pressure', (x) => x / 1000),
  ),
  bug(
    'engine in Fahrenheit',
    'engine',
    set('engine', (x) => r1(x * 1.8 + 32)),
  ),
  bug(
    'engine in kelvin',
    'engine',
    set('engine', (x) => r1(x + 273.15)),
  ),
  bug(
    'humidity as a share',
    'humidity',
    set('humidity', (x) => x / 100),
  ),
  bug(
    'fee in cents',
    'fee',
    set('fee', (x) => Math.round(x * 100)),
  ),
  bug(
    'fee sign flipped',
    'fee',
    set('fee', (x) => -x),
  ),
  bug(
    'score -1 for unknown',
    'score',
    set('score', () => -1),
  ),
  bug(
    '9999 for unknown minutes',
    'minutes',
    set('minutes', () => 9999),
  ),
  bug(
    'pressure 0 for unknown',
    'pressure',
    set('pressure', () => 0),
  ),
  bug(
    'postcode without leading zero',
    'postcode',
    set('postcode', (x) => x.replace(/^0+/, '')),
  ),
  bug(
    'depot in upper case',
    'depot',
    set('depot', (x) => x.toUpperCase()),
  ),
  bug(
    'depot in ASCII',
    'depot',
    set('depot', (x) => x.replaceAll('ö', '?').replaceAll('ü', '?')),
  ),
  bug(
    'depot cut to four',
    'depot',
    set('depot', (x) => x.slice(0, 4)),
  ),
  bug(
    'late as Y and N',
    'late',
    set('late', (x) => (x === 'yes' ? 'Y' : 'N')),
  ),
  bug(
    'country as three letters',
    'country',
    set('country', (x) => ({ DE: 'DEU', AT: 'AUT', CH: 'CHE', NL: 'NLD' })[x]),
  ),
  bug(
    'country unknown',
    'country',
    set('country', () => 'unknown'),
  ),
  bug(
    'quotes left around plan',
    'plan',
    set('plan', (x) => `'${x}'`),
  ),
  bug('km and fee exchanged', ['km', 'fee'], (r) => ({ ...r, km: r.fee, fee: r.km })),
  bug(
    'the gauge is stuck',
    'engine',
    set('engine', () => 81.7),
  ),
  bug(
    'speed missing',
    'speed',
    set('speed', () => null),
  ),
  bug(
    'net absolute',
    'net',
    set('net', (x) => Math.abs(x)),
  ),
  bug(
    'load rounded to tens of thousands: integer division',
    'load',
    set('load', (x) => Math.floor(x / 100)),
  ),
];
