// Figures of the default ensemble and its peers: `npm run build && node test/bench/detectors.mjs`. Exits 1 on a miss.

import { DETECTOR_NAMES } from '../../dist/domain/data/detector.js';
import { openStream } from '../../dist/performance/judge/catalogue.js';
import { seededNormal, seededRandom } from '../../dist/statistics/random.js';

const LIMITS = { seconds: 10, falseAlarms: 4, delay: 600 };
const [ITEMS, STREAMS, LENGTH, AT] = [10_000_000, 200, 20_000, 3000];

const bits = (count, seed, rate) => {
  const uniform = seededRandom(seed);
  return Float64Array.from({ length: count }, (_, i) => (uniform() < rate(i) ? 1 : 0));
};

function normals(count, seed) {
  const normal = seededNormal(seed);
  return Float64Array.from({ length: count }, () => 300 + 25 * normal());
}

function firstAlarm(name, values) {
  const stream = openStream(name);
  for (let i = 0; i < values.length; i++) if (stream.update(values[i]) === 'drift') return i;
  return undefined;
}

function secondsFor(name, values) {
  const stream = openStream(name);
  const before = process.cpuUsage();
  for (let i = 0; i < values.length; i++) stream.update(values[i]);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const long = bits(ITEMS, 1, () => 0.2);
const stable = Array.from({ length: STREAMS }, (_, seed) =>
  seed % 5 < 4 ? bits(LENGTH, seed + 1, () => 0.1 * ((seed % 5) + 1)) : normals(LENGTH, seed + 1),
);
const rising = Array.from({ length: 100 }, (_, seed) => bits(AT + 7000, 500 + seed, (i) => (i < AT ? 0.2 : 0.3)));

/** Errors of 0 and 1 only, where the detector takes nothing else. */
const takesBitsOnly = (name) => ['ddm', 'eddm', 'fhddm', 'hddm-a', 'hddm-w'].includes(name);

const rows = DETECTOR_NAMES.map((name) => {
  const judged = takesBitsOnly(name) ? stable.filter((_, seed) => seed % 5 < 4) : stable;
  const delays = rising.map((values) => (firstAlarm(name, values) ?? values.length) - AT);
  const after = delays.filter((one) => one >= 0);
  return {
    name,
    seconds: secondsFor(name, long),
    falseAlarms: judged.filter((values) => firstAlarm(name, values) !== undefined).length,
    streams: judged.length,
    delay: after.reduce((sum, one) => sum + one, 0) / after.length,
    early: delays.length - after.length,
  };
});

const HEAD = [
  'detector',
  `CPU s for ${ITEMS}`,
  `stable streams of ${LENGTH} that alarm`,
  'delay 0.2 to 0.3',
  'too early',
];
const cells = rows.map(({ name, seconds, falseAlarms, streams, delay, early }) => [
  name,
  seconds.toFixed(2),
  `${falseAlarms}/${streams}`,
  delay.toFixed(0),
  `${early}/${rising.length}`,
]);
const widths = HEAD.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i].length)));
for (const row of [HEAD, ...cells])
  process.stdout.write(
    `${row
      .map((cell, i) => cell.padEnd(widths[i]))
      .join('  ')
      .trimEnd()}\n`,
  );

const [ensemble] = rows;
if (
  ensemble.seconds > LIMITS.seconds ||
  ensemble.falseAlarms > LIMITS.falseAlarms ||
  ensemble.delay > LIMITS.delay ||
  ensemble.early > 0
) {
  process.stderr.write(`missed by the ensemble: ${JSON.stringify(LIMITS)}\n`);
  process.exitCode = 1;
}
