import type { Component } from '../../domain/models/version-lineage.js';
import { toIso } from '../../domain/support/time.js';
import type { Line, ViewPart } from '../../domain/view.js';
import { gateParts } from '../../gate/views/gate-view.js';
import { ancestryTable } from '../../lineage/views/ancestry-view.js';
import type { Story } from '../../lineage/views/why-view.js';
import {
  besideLimit,
  blank,
  bytes,
  dim,
  fields,
  figure,
  heading,
  inFull,
  line,
  moment,
  plural,
  short,
  span,
  strong,
  table,
  toned,
} from '../../render/parts/parts.js';
import { codeText } from '../../run/views/lists-view.js';
import type { ReportDocument, ReportSection } from './document.js';

/** Facts about the model that only the pipeline file has. */
export interface CardWords {
  readonly description?: string;
  readonly owner?: string;
}

/** The model card of a version, from the registry alone. */
export function versionDocument(story: Story, words: CardWords): ReportDocument {
  const { version, run } = story;
  if (version === undefined) throw new Error('internal error: a model card needs a version');
  const name = `${version.model}@${version.version}`;
  return {
    title: `${version.model}, version ${version.version}`,
    subtitle: `model card · made by run ${run.id} of ${run.pipeline}`,
    sections: [
      summarySection(story, words),
      section('intended-use', 'Intended use', useParts(words)),
      ...dataSections(story),
      ...ancestrySections(story),
      ...trainingSections(story),
      evaluationSection(story),
      ...gateSections(story),
      section('limits', 'Limits', limitParts(story)),
      section('provenance', 'Provenance', provenanceParts(story, name)),
    ],
    json: { version: name },
  };
}

const section = (id: string, title: string, parts: readonly ViewPart[]): ReportSection => ({
  id,
  title,
  parts,
  figures: [],
});

const paragraphs = (text: string): readonly ViewPart[] =>
  text
    .split(/\r\n|\n|\r/)
    .filter((one) => one.trim() !== '')
    .map((one) => line(one));

function summarySection(story: Story, words: CardWords): ReportSection {
  const { version, run } = story;
  return section('summary', 'Summary', [
    ...(words.description === undefined ? [] : [...paragraphs(words.description), blank]),
    fields([
      ['Status', story.isChampion ? 'serves now' : servedText(story)],
      ['Owner', words.owner ?? 'not named in the pipeline'],
      ['Registered', version === undefined ? undefined : `${moment(version.registeredAt)} UTC`],
      ['Content', version === undefined ? undefined : `${version.kind} of ${bytes(version.size)}`],
      ['sha256', version?.hash],
      ['Made by', `run ${run.id} of ${run.pipeline}, ${run.actor}`],
      ['Code', codeText(run)],
    ]),
  ]);
}

const useParts = ({ description }: CardWords): readonly ViewPart[] =>
  description === undefined
    ? [line('The pipeline has no "description". Add one to its file to show it here.')]
    : paragraphs(description);

function servedText({ lineage }: Story): string {
  const last = lineage?.periods.at(-1);
  if (last === undefined) return 'has never served';
  return `served from ${moment(last.since)} UTC${last.until === undefined ? '' : ` until ${moment(last.until)} UTC`}`;
}

function dataSections({ lineage, run }: Story): readonly ReportSection[] {
  if (lineage === undefined) return [];
  const { components, statistics } = lineage;
  const data = components.flatMap((one) => one.data);
  const made = components.flatMap((one) =>
    one.role === 'extract' || one.role === 'prepare' ? one.writes.map((use) => ({ step: one.step, use })) : [],
  );
  return [
    section('data', 'Data', [
      line(`Everything as of ${toIso(run.now)}.`),
      data.length === 0
        ? line('No step reads a declared dataset.')
        : table(
            ['dataset', 'file', 'size', 'sha256'],
            data.map((use) => [use.dataset ?? '', use.path, bytes(use.artifact.size), dim(short(use.artifact.hash))]),
          ),
      ...(made.length === 0
        ? []
        : [
            heading('Prepared'),
            table(
              ['step', 'file', 'rows', 'sha256'],
              made.map(({ step, use }) => [
                step,
                use.path,
                use.rows === undefined ? '–' : String(use.rows),
                dim(short(use.artifact.hash)),
              ]),
            ),
          ]),
      ...statistics.map((one) =>
        line(
          `${one.path}: ${plural(one.rows, 'row')}${one.from === undefined || one.to === undefined ? '' : `, ${moment(one.from)} to ${moment(one.to)}`}; columns ${one.columns.map((column) => column.name).join(', ')}.`,
        ),
      ),
    ]),
  ];
}

/** The models that it was trained on from, where there are any. */
function ancestrySections({ lineage }: Story): readonly ReportSection[] {
  const ancestry = lineage?.ancestry ?? [];
  return ancestry.length === 0
    ? []
    : [
        section('ancestry', 'Ancestry', [
          line('It was trained on from an earlier model, so the data of all generations counts.'),
          ancestryTable(ancestry),
        ]),
      ];
}

const metricRows = (components: readonly Component[]): readonly (readonly string[])[] =>
  components.flatMap((one) => one.metrics.map((point) => [one.step, point.key, figure(point.value)]));

function trainingSections({ lineage, run }: Story): readonly ReportSection[] {
  if (lineage === undefined) return [];
  const training = lineage.components.filter((one) => one.role === 'train');
  const rows = metricRows(training);
  const { environment } = run;
  const machine =
    environment.hardware === undefined
      ? ''
      : `, ${plural(environment.hardware.cpus, 'cpu')}, ${bytes(environment.hardware.memoryBytes)}`;
  const tools = Object.entries(environment.tools).map(([name, is]) => `${name} ${is}`);
  return [
    section('training', 'Training', [
      ...training.flatMap((one): readonly ViewPart[] =>
        one.command === undefined ? [] : [{ kind: 'text', lines: [one.command] }],
      ),
      table(
        ['param', 'value'],
        Object.entries(run.params).map(([name, value]) => [name, inFull(JSON.parse(JSON.stringify(value)))]),
      ),
      ...(rows.length === 0 ? [] : [table(['step', 'metric', 'value'], rows)]),
      line(`On ${environment.host} (${environment.platform}${machine}): ${tools.join(', ')}.`),
    ]),
  ];
}

function evaluationSection({ evaluation, rival }: Story): ReportSection {
  if (evaluation === undefined)
    return section('evaluation', 'Evaluation', [line('The pipeline does not evaluate its model.')]);
  const against = rival === undefined ? [] : [`version ${rival.version.version}, same data`];
  return section('evaluation', 'Evaluation', [
    table(
      ['metric', 'this version', ...against],
      Object.entries(evaluation.metrics).map(([name, value]) => {
        const other = rival?.metrics[name];
        return [name, figure(value), ...(rival === undefined ? [] : [other === undefined ? '–' : figure(other)])];
      }),
    ),
    ...Object.entries(evaluation.slices).flatMap(([slice, values]) => sliceParts(slice, values)),
  ]);
}

/** People read a card, so only the largest slices are listed. */
const SLICES = 20;

function sliceParts(
  slice: string,
  values: Readonly<Record<string, Readonly<Record<string, number>>>>,
): readonly ViewPart[] {
  const rows = Object.entries(values).sort(([, a], [, b]) => (b.n ?? 0) - (a.n ?? 0));
  const metrics = [...new Set(rows.flatMap(([, own]) => Object.keys(own)))];
  return [
    heading(`By ${slice}${rows.length > SLICES ? `, the largest ${SLICES} of ${rows.length}` : ''}`),
    table(
      [slice, ...metrics],
      rows.slice(0, SLICES).map(([value, own]) => [
        value,
        ...metrics.map((name) => {
          const number = own[name];
          return number === undefined ? '–' : figure(number);
        }),
      ]),
    ),
  ];
}

function gateSections({ gate, lineage }: Story): readonly ReportSection[] {
  const promotion = lineage?.promotion;
  if (gate === undefined && promotion === undefined) return [];
  const against: Line = promotion?.isForced === true ? [toned(', against the gate', 'bad')] : [];
  return [
    section('gate', 'Gate', [
      ...(gate === undefined ? [] : gateParts(gate)),
      ...(promotion === undefined
        ? []
        : [
            line(
              `Published ${moment(promotion.movedAt)} UTC by ${promotion.actor}`,
              ...against,
              `: ${promotion.reason}.`,
            ),
          ]),
    ]),
  ];
}

function limitParts({ findings, lineage, run }: Story): readonly ViewPart[] {
  const known = [...findings, ...(lineage?.findings ?? [])];
  return [
    ...(run.code.isDirty ? [line('It was made with uncommitted changes.')] : []),
    ...(known.length === 0
      ? [line('No findings about its data.')]
      : [
          table(
            ['severity', 'finding'],
            known.map((finding) => [finding.severity, finding.detail]),
          ),
        ]),
  ];
}

function provenanceParts({ lineage, run, decision }: Story, name: string): readonly ViewPart[] {
  const lead = lineage?.delivery.commitToServingMs;
  const { kind, measured, threshold } = run.trigger;
  return [
    line(`Trigger: ${kind}${measured === undefined ? '' : `, measured ${besideLimit(measured, threshold)}`}.`),
    ...(decision === undefined ? [] : [line('Decision ', strong(decision.id), `: ${decision.summary}.`)]),
    ...(run.windows ?? []).map(({ detail }) => line(`Trained on the window of ${detail}.`)),
    ...(lead === undefined ? [] : [line(`From the commit to serving it took ${span(lead)}.`)]),
    {
      kind: 'text',
      lines: [
        `refit why ${name}          # show how it was made`,
        `refit reproduce ${name}    # repeat the run and compare every byte`,
        `refit verify ${name}       # check its stored bytes against the record`,
      ],
    },
  ];
}
