import { seededNormal, seededRandom } from '../../src/statistics/random.js';
import { createRig, type Rig } from '../support/rig.js';

/** What a browser would obey if a page did not escape it. */
export const HOSTILE = `<img src=x onerror="globalThis.owned=1">"'</script><script>globalThis.owned=1</script>`;

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 0, 1);
const dateOf = (day: number): string => new Date(START + day * DAY_MS).toISOString().slice(0, 10);

/**
 * A pipeline with a champion, predictions whose errors grow on day 60, a column that drifts from day 80 on, a hold, and hostile
 * names and values wherever a person or a file can put one.
 */
export async function createMonitored({ columns = 4 }: { readonly columns?: number } = {}): Promise<Rig> {
  const rig = createRig({
    'pipelines/rides.yaml': JSON.stringify({
      pipeline: 'rides',
      description: `Rides ${HOSTILE}`,
      owner: HOSTILE,
      params: { greeting: HOSTILE },
      datasets: { rows: { path: 'rows/*.csv', time: 'at' } },
      steps: {
        prepare: {
          run: 'cat ${{ datasets.rows }} > work/rows.csv',
          inputs: ['${{ datasets.rows }}'],
          outputs: ['work/rows.csv'],
        },
        train: { run: 'cp work/rows.csv model.bin', inputs: ['work/rows.csv'], outputs: ['model.bin'] },
      },
      model: { path: 'model.bin', publish: { path: 'serving' } },
      monitor: {
        reference: 'work/rows.csv',
        current: { dataset: 'rows', window: '20d' },
        predictions: { path: 'log.csv', time: 'at', key: 'id', prediction: 'p' },
        labels: { path: 'labels.csv', key: 'id', label: 'y' },
      },
      retrain: { when: { any: [{ data_drift: { share: 0.1 } }] } },
    }),
    'rows/1.csv': rowsCsv(0, 60, columns),
    ...performanceFiles(100),
  });
  await rig.refit('run', 'rides', '--now', dateOf(60));
  await rig.refit('promote', 'rides@1', '--reason', HOSTILE, '--force', '--now', dateOf(60));
  await rig.refit('event', 'rides', '--name', HOSTILE, '--from', dateOf(70), '--until', dateOf(75));
  rig.write({ 'rows/2.csv': rowsCsv(60, 100, columns) });
  for (const day of [62, 75, 90, 100]) await rig.refit('retrain', 'rides', '--now', dateOf(day), '--quiet');
  return rig;
}

export const MONITORED_NOW = dateOf(100);

function rowsCsv(from: number, to: number, columns: number): string {
  const random = seededRandom(from + 1);
  const normal = seededNormal(from + 2);
  const names = Array.from({ length: columns }, (_, i) => `c${i}`);
  const kinds = ['bus', 'tram', '<b>bold</b>'];
  const lines = [`at,"kind <i>",speed,${names.join(',')}`];
  for (let day = from; day < to; day++)
    for (let i = 0; i < 40; i++) {
      const speed = 20 + normal() + (day >= 80 ? 6 : 0);
      const kind = kinds[Math.floor(random() * 3)];
      lines.push(
        [`${dateOf(day)}T10:00:00Z`, kind, speed.toFixed(3), ...names.map(() => normal().toFixed(4))].join(','),
      );
    }
  return `${lines.join('\n')}\n`;
}

function performanceFiles(days: number): Readonly<Record<string, string>> {
  const normal = seededNormal(7);
  const [log, labels] = [['at,id,p'], ['id,y']];
  for (let day = 30; day < days; day++)
    for (let i = 0; i < 30; i++) {
      const id = `${day}-${i}`;
      const y = 10 + normal();
      log.push(`${dateOf(day)}T12:00:00Z,${id},${(y + normal() * (day >= 85 ? 3 : 0.5)).toFixed(3)}`);
      labels.push(`${id},${y.toFixed(3)}`);
    }
  return { 'log.csv': `${log.join('\n')}\n`, 'labels.csv': `${labels.join('\n')}\n` };
}
