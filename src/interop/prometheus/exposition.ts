import type { Gauge, WriteGauges } from '../../domain/ports/gauges.js';

/** Writes Prometheus' text format 0.0.4 for node_exporter's textfile collector: one HELP and TYPE per name, samples grouped. */
export const writeExposition: WriteGauges = (gauges) => {
  const names = [...new Set(gauges.map((gauge) => gauge.name))];
  return names
    .map((name) => {
      const own = gauges.filter((gauge) => gauge.name === name);
      const full = `refit_${name}`;
      return [
        `# HELP ${full} ${escaped(own[0]?.help ?? '')}`,
        `# TYPE ${full} gauge`,
        ...own.map((gauge) => `${full}${labelsOf(gauge)} ${gauge.value}`),
        '',
      ].join('\n');
    })
    .join('');
};

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');

function labelsOf({ labels }: Gauge): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value).replaceAll('"', '\\"')}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}
