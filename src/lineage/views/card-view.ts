import type { Component } from '../../domain/models/version-lineage.js';
import { toIso } from '../../domain/support/time.js';
import type { View } from '../../domain/view.js';
import { code, fenced, markdown, markdownLines, markdownTable } from '../../render/parts/markdown.js';
import { bytes, figure, inFull, moment, plural, short, shown, span } from '../../render/parts/parts.js';
import { codeText } from '../../run/views/lists-view.js';
import type { Story } from './why-view.js';

/** Facts about the model that only the pipeline file has. */
export interface CardWords {
  readonly description?: string;
  readonly owner?: string;
}

/** The view of `report --card`: a model card in Markdown, built from the registry alone. */
export function cardView(story: Story, words: CardWords): View {
  const text = cardLines(story, words);
  const { version } = story;
  return {
    json: {
      version: version === undefined ? null : `${version.model}@${version.version}`,
      card: `${text.join('\n')}\n`,
    },
    parts: [{ kind: 'text', lines: text }],
  };
}

function cardLines(story: Story, words: CardWords): readonly string[] {
  const { version, run } = story;
  if (version === undefined) throw new Error('internal error: a model card needs a version');
  return [
    `# ${markdown(version.model)}, version ${version.version}`,
    '',
    ...(words.description === undefined ? [] : [...markdownLines(words.description), '']),
    ...table(
      ['', ''],
      [
        ['Status', story.isChampion ? 'serves now' : servedText(story)],
        ['Owner', words.owner ?? 'not named in the pipeline'],
        ['Registered', `${moment(version.registeredAt)} UTC`],
        ['Content', `${version.kind} of ${bytes(version.size)}`],
        ['sha256', { code: version.hash }],
        ['Made by', `run ${run.id} of ${run.pipeline}, ${run.actor}`],
        ['Code', codeText(run)],
      ],
    ),
    '',
    '## Intended use',
    '',
    ...(words.description === undefined
      ? ['The pipeline has no `description`. Add one to its file to show it here.']
      : markdownLines(words.description)),
    '',
    ...dataLines(story),
    ...trainingLines(story),
    ...evaluationLines(story),
    ...gateLines(story),
    ...limitLines(story),
    ...provenanceLines(story),
  ];
}

function servedText({ lineage }: Story): string {
  const last = lineage?.periods.at(-1);
  if (last === undefined) return 'has never served';
  return `served from ${moment(last.since)} UTC${last.until === undefined ? '' : ` until ${moment(last.until)} UTC`}`;
}

/** A cell in code. All other cells are plain text. */
interface Code {
  readonly code: string;
}

const table = (head: readonly string[], rows: readonly (readonly (string | Code)[])[]): readonly string[] =>
  markdownTable(
    head.map(markdown),
    rows.map((row) => row.map((cell) => (typeof cell === 'string' ? markdown(cell) : code(cell.code)))),
  );

function dataLines({ lineage, run }: Story): readonly string[] {
  if (lineage === undefined) return [];
  const { components, statistics } = lineage;
  const data = components.flatMap((one) => one.data);
  const made = components.flatMap((one) =>
    one.role === 'extract' || one.role === 'prepare' ? one.writes.map((use) => ({ step: one.step, use })) : [],
  );
  return [
    '## Data',
    '',
    `Everything as of ${toIso(run.now)}.`,
    '',
    ...(data.length === 0
      ? ['No step reads a declared dataset.']
      : table(
          ['dataset', 'file', 'size', 'sha256'],
          data.map((use) => [
            use.dataset ?? '',
            { code: use.path },
            bytes(use.artifact.size),
            { code: short(use.artifact.hash) },
          ]),
        )),
    '',
    ...(made.length === 0
      ? []
      : [
          'Prepared:',
          '',
          ...table(
            ['step', 'file', 'rows', 'sha256'],
            made.map(({ step, use }) => [
              step,
              { code: use.path },
              use.rows === undefined ? '–' : String(use.rows),
              { code: short(use.artifact.hash) },
            ]),
          ),
          '',
        ]),
    ...statistics.flatMap((one) => [
      `${code(one.path)}: ${plural(one.rows, 'row')}${one.from === undefined || one.to === undefined ? '' : `, ${moment(one.from)} to ${moment(one.to)}`}; columns ${markdown(one.columns.map((column) => column.name).join(', '))}.`,
      '',
    ]),
  ];
}

const metricRows = (components: readonly Component[]): readonly (readonly string[])[] =>
  components.flatMap((one) => one.metrics.map((point) => [one.step, point.key, figure(point.value)]));

function trainingLines({ lineage, run }: Story): readonly string[] {
  if (lineage === undefined) return [];
  const training = lineage.components.filter((one) => one.role === 'train');
  const rows = metricRows(training);
  const { environment } = run;
  return [
    '## Training',
    '',
    ...training.flatMap((one) => (one.command === undefined ? [] : [...fenced([one.command], 'sh'), ''])),
    ...table(
      ['param', 'value'],
      Object.entries(run.params).map(([name, value]) => [name, inFull(JSON.parse(JSON.stringify(value)))]),
    ),
    '',
    ...(rows.length === 0 ? [] : [...table(['step', 'metric', 'value'], rows), '']),
    markdown(
      `On ${environment.host} (${environment.platform}${environment.hardware === undefined ? '' : `, ${plural(environment.hardware.cpus, 'cpu')}, ${bytes(environment.hardware.memoryBytes)}`}): ${Object.entries(
        environment.tools,
      )
        .map(([name, is]) => `${name} ${is}`)
        .join(', ')}.`,
    ),
    '',
  ];
}

function evaluationLines({ evaluation, rival }: Story): readonly string[] {
  if (evaluation === undefined) return ['## Evaluation', '', 'The pipeline does not evaluate its model.', ''];
  const against = rival === undefined ? [] : [`version ${rival.version.version}, same data`];
  return [
    '## Evaluation',
    '',
    ...table(
      ['metric', 'this version', ...against],
      Object.entries(evaluation.metrics).map(([name, value]) => {
        const other = rival?.metrics[name];
        return [name, figure(value), ...(rival === undefined ? [] : [other === undefined ? '–' : figure(other)])];
      }),
    ),
    '',
    ...Object.entries(evaluation.slices).flatMap(([slice, values]) => sliceLines(slice, values)),
  ];
}

/** People read a card, so only the largest slices are listed. */
const SLICES = 20;

function sliceLines(
  slice: string,
  values: Readonly<Record<string, Readonly<Record<string, number>>>>,
): readonly string[] {
  const rows = Object.entries(values).sort(([, a], [, b]) => (b.n ?? 0) - (a.n ?? 0));
  const metrics = [...new Set(rows.flatMap(([, own]) => Object.keys(own)))];
  return [
    `By ${markdown(slice)}${rows.length > SLICES ? `, the largest ${SLICES} of ${rows.length}` : ''}:`,
    '',
    ...table(
      [slice, ...metrics],
      rows.slice(0, SLICES).map(([value, own]) => [
        value,
        ...metrics.map((name) => {
          const number = own[name];
          return number === undefined ? '–' : figure(number);
        }),
      ]),
    ),
    '',
  ];
}

function gateLines({ gate, lineage }: Story): readonly string[] {
  const promotion = lineage?.promotion;
  return [
    ...(gate === undefined
      ? []
      : [
          `## Gate: ${gate.verdict}`,
          '',
          ...table(
            ['check', 'verdict', 'detail'],
            gate.checks.map((check) => [check.name, check.verdict, check.detail]),
          ),
          '',
        ]),
    ...(promotion === undefined
      ? []
      : [
          `Published ${moment(promotion.movedAt)} UTC by ${markdown(promotion.actor)}${promotion.isForced ? ', **against the gate**' : ''}: ${markdown(promotion.reason)}.`,
          '',
        ]),
  ];
}

function limitLines({ findings, lineage, run }: Story): readonly string[] {
  const known = [...findings, ...(lineage?.findings ?? [])];
  const changed = run.code.isDirty ? ['It was made with uncommitted changes.', ''] : [];
  return [
    '## Limits',
    '',
    ...changed,
    ...(known.length === 0
      ? ['No findings about its data.']
      : known.map((finding) => `- ${finding.severity}: ${markdown(finding.detail)}`)),
    '',
  ];
}

function provenanceLines({ version, lineage, run, decision }: Story): readonly string[] {
  const name = `${version?.model}@${version?.version}`;
  const lead = lineage?.delivery.commitToServingMs;
  return [
    '## Provenance',
    '',
    `Trigger: ${run.trigger.kind}${run.trigger.measured === undefined ? '' : `, measured ${markdown(shown(run.trigger.measured))}, limit ${markdown(shown(run.trigger.threshold))}`}.`,
    ...(decision === undefined ? [] : [`Decision ${code(decision.id)}: ${markdown(decision.summary)}.`]),
    ...(lead === undefined ? [] : [`From the commit to serving it took ${span(lead)}.`]),
    '',
    ...fenced(
      [
        `refit why ${name}          # show how it was made`,
        `refit reproduce ${name}    # repeat the run and compare every byte`,
        `refit verify ${name}       # check its stored bytes against the record`,
      ],
      'sh',
    ),
  ];
}
