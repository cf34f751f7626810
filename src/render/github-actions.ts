import { closeSync, constants, openSync, writeFileSync } from 'node:fs';
import type { Check } from '../domain/check.js';
import type { Failure } from '../domain/failure.js';
import type { Diagnostic } from '../domain/pipeline/diagnostic.js';
import type { Output } from '../domain/ports/output.js';
import type { JsonObject } from '../domain/support/json.js';
import { mapTexts } from '../domain/support/map-texts.js';
import { shortenMarkdown } from '../domain/support/shorten-markdown.js';
import { reasonOf } from '../domain/support/system-error.js';
import type { Line, Span, View, ViewPart } from '../domain/view.js';
import { failureText } from './parts/failure-text.js';
import { code as codeSpan, fenced, markdown, markdownTable } from './parts/markdown.js';
import { mermaidLines } from './parts/mermaid.js';
import { drawPlot, PAGE, plainLines } from './parts/plots/draw-plot.js';
import { printable, printableText } from './parts/printable.js';
import { stepOutputs } from './step-outputs.js';

/** Where a GitHub Actions job takes annotations, a summary and outputs. */
export interface GithubJob {
  /**
   * Path of the workspace in the repository, with a trailing slash. Annotations name files from the repository's root.
   */
  readonly prefix: string;
  readonly summaryPath?: string;
  readonly outputPath?: string;
}

/** GitHub takes 1 MiB for each step; a character has at most three bytes of it. */
const MOST_SUMMARY = 340_000;

/**
 * Adds annotations, a step summary and step outputs to an output. Annotations go to stderr, because stdout holds the
 * document.
 */
export function withGithub<T extends Output>(output: T, job: GithubJob, mask: (text: string) => string): T {
  const annotate = (texts: readonly string[]): void => {
    for (const text of texts) process.stderr.write(`${text}\n`);
  };
  const append = (name: string, path: string | undefined, text: () => string): void => {
    const fault = path === undefined || path === '' ? undefined : faultOfAppending(path, text());
    if (fault !== undefined)
      output.emit({
        type: 'warning',
        code: 'ci-file',
        text: `${path}, which ${name} names, could not be written: ${fault}. The command has done its work; check the runner`,
      });
  };
  const summarize = (text: string): void =>
    append('GITHUB_STEP_SUMMARY', job.summaryPath, () => shortenMarkdown(text, MOST_SUMMARY, 'The log has all of it.'));
  return {
    ...output,
    show: (command, view) => {
      output.show(command, view);
      summarize(markdownOf(`refit ${command}`, mapTexts(view, mask)));
      append('GITHUB_OUTPUT', job.outputPath, () => outputsOf(mapTexts(view.json, mask)));
    },
    fail: (failure) => {
      output.fail(failure);
      const shown = mapTexts(failure, mask);
      annotate(failureAnnotations(shown, job.prefix));
      summarize(failureMarkdown(shown));
    },
    conclude: (checks, isFailed) => {
      output.conclude(checks, isFailed);
      annotate(checkAnnotations(mapTexts(checks, mask), isFailed ? 'error' : 'warning', job.prefix));
    },
    refuse: (command, failure) => {
      output.refuse(command, failure);
      const shown = mapTexts(failure, mask);
      annotate(failureAnnotations(shown, job.prefix));
      summarize(failureMarkdown(shown));
    },
    warn: (diagnostics) => {
      output.warn(diagnostics);
      annotate(diagnostics.map((one) => diagnosticAnnotation(mapTexts(one, mask), job.prefix)));
    },
  };
}

/** Why the text could not be appended. A pipe that nobody reads is not waited for. */
function faultOfAppending(path: string, text: string): string | undefined {
  try {
    const file = openSync(
      path,
      constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK,
      0o666,
    );
    try {
      writeFileSync(file, text);
    } finally {
      closeSync(file);
    }
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

function failureAnnotations(failure: Failure, prefix: string): readonly string[] {
  if (failure.code === 'invalid-pipeline') return failure.diagnostics.map((one) => diagnosticAnnotation(one, prefix));
  const { what, lines = [], next } = failureText(failure);
  return [annotation('error', { title: `refit: ${failure.code}` }, [what, ...lines, next].join('\n'))];
}

/** A failure in the summary; of a wrong file every line, because its view has only what is right. */
function failureMarkdown(failure: Failure): string {
  const { what, lines = [], next } = failureText(failure);
  const mistakes = 'diagnostics' in failure ? failure.diagnostics.map(diagnosticLine) : [];
  const log = lines.length === 0 ? [] : ['', ...fenced(lines)];
  return `${[`**${markdown(failure.code)}** ${markdown(what)}`, ...mistakes, ...log, '', `→ ${markdown(next)}`].join('\n')}\n\n`;
}

const diagnosticLine = ({ at, code, message, suggestion }: Diagnostic): string =>
  `- ${codeSpan(`${at.file}:${at.line}:${at.col}`)} ${markdown(code)}: ${markdown(message)}${suggestion === undefined ? '' : `; ${markdown(suggestion)}`}`;

/** GitHub shows so many of a kind for each step. */
const MOST_ANNOTATIONS = 10;

/** Checks that failed and that nothing else has told. */
function checkAnnotations(checks: readonly Check[], kind: 'error' | 'warning', prefix: string): readonly string[] {
  const failed = checks.filter(({ outcome, isTold }) => outcome === 'fail' && isTold !== true);
  const more = failed.length - MOST_ANNOTATIONS;
  const shown = failed
    .slice(0, more > 0 ? MOST_ANNOTATIONS - 1 : MOST_ANNOTATIONS)
    .map(({ group, name, detail, at }) =>
      annotation(
        kind,
        { ...(at === undefined ? {} : { file: `${prefix}${at.file}`, line: at.line }), title: `${group}: ${name}` },
        detail,
      ),
    );
  const rest = failed.length - shown.length;
  return rest === 0
    ? shown
    : [...shown, annotation(kind, { title: 'refit' }, `${rest} more checks failed; the summary and the log name them`)];
}

const diagnosticAnnotation = ({ at, severity, code, message, suggestion }: Diagnostic, prefix: string): string =>
  annotation(
    severity,
    { file: `${prefix}${at.file}`, line: at.line, col: at.col, endColumn: at.endCol, title: `refit: ${code}` },
    suggestion === undefined ? message : `${message}\n${suggestion}`,
  );

/** A workflow command. Values are escaped as the runner expects. */
function annotation(kind: 'error' | 'warning', about: Readonly<Record<string, string | number>>, text: string): string {
  const data = (value: string): string => value.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const properties = Object.entries(about).map(
    ([name, value]) =>
      `${name}=${data(printable(String(value)))
        .replaceAll(':', '%3A')
        .replaceAll(',', '%2C')}`,
  );
  return `::${kind} ${properties.join(',')}::${data(printableText(text))}`;
}

const outputsOf = (document: JsonObject): string =>
  stepOutputs(document)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');

const spanMarkdown = (span: Span): string => markdown(typeof span === 'string' ? span : span.text);
/** The spaces around a span belong to the line. */
const lineMarkdown = (line: Line): string =>
  markdown(line.map((span) => (typeof span === 'string' ? span : span.text)).join(''));

function markdownOf(title: string, view: View): string {
  const charts = (view.charts ?? []).map((chart) => `\n${mermaidLines(chart).join('\n')}\n`);
  return `### ${title}\n\n${view.parts.map(partMarkdown).join('\n')}\n${charts.join('')}`;
}

function partMarkdown(part: ViewPart): string {
  switch (part.kind) {
    case 'line':
      return `${lineMarkdown(part.line)}\n`;
    case 'heading':
      return `#### ${markdown(part.text)}\n`;
    case 'plot':
      return `${fenced(plainLines(drawPlot(part.plot, PAGE))).join('\n')}\n`;
    case 'text':
      return `${fenced(part.lines).join('\n')}\n`;
    case 'fields':
      return `${part.rows.map(([label, line]) => `- **${markdown(label)}** ${lineMarkdown(line)}`).join('\n')}\n`;
    case 'table':
      return `${markdownTable(
        part.head.map(markdown),
        part.rows.map((spans) => spans.map(spanMarkdown)),
      ).join('\n')}\n`;
  }
}
