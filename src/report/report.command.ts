import { basename } from 'node:path';
import type { Command } from 'commander';
import { type Answer, answer, type CommonOptions, parseNow, perform, UsageError, whenOf } from '../cli/action.js';
import { EXIT } from '../cli/exit-codes.js';
import { pipelineArgument } from '../cli/file-forms.js';
import { outputFile, writeOutput } from '../cli/output-file.js';
import type { OpenServices } from '../cli/services.js';
import type { Failure } from '../domain/failure.js';
import { err, ok, type Result } from '../domain/support/result.js';
import type { Instant } from '../domain/support/time.js';
import type { View } from '../domain/view.js';
import type { Asked } from './report.js';
import type { ReportDocument } from './views/document.js';

interface ReportOptions extends CommonOptions {
  readonly output?: string;
  readonly card?: boolean;
  readonly md?: boolean;
  readonly svg?: string;
  readonly png?: string;
  readonly serve?: boolean;
  readonly now?: Instant;
}

export const addReport = (program: Command): Command =>
  program
    .command('report')
    .description(
      'Write one page about a pipeline, the card of a model version, or a comparison of two versions or runs',
    )
    .argument('<subject>', 'pipeline or model[@version|@champion]; with another one also a run', pipelineArgument)
    .argument('[other]', 'a version or run to compare the first one with')
    .option('-o, --output <file>', 'write a page (.html) or Markdown (.md) to this file')
    .option('--md', 'as Markdown, on stdout or to the file of -o')
    .option('--card', 'the model card, in Markdown, also of a pipeline: of its champion')
    .option('--svg <figure>', 'one figure: timeline, performance, lineage, steps, column-<name>')
    .option('--png <figure>', 'one figure as a picture; needs Chromium or Chrome')
    .option('--serve', 'serve the page on this machine while runs go on, until ^C')
    .option('--no-commands', 'refuse to start a command that the pipeline names (monitor.current.prepare)')
    .option('--now <time>', 'use this time instead of the clock', parseNow)
    .action(async (subject: string, other: string | undefined, options: ReportOptions) => {
      requireForm(options);
      await perform('report', options, 'record', async (services) => {
        const { report } = await import('./report.js');
        const asked = (): Asked => ({
          subject,
          other,
          isCard: options.card === true,
          when: whenOf(services, options.now),
        });
        const made = await report(services, asked());
        if (!made.ok) return made;
        if (options.serve === true) return serve(services, () => report(services, asked()));
        if (options.svg !== undefined || options.png !== undefined) return writeFigure(services, made.value, options);
        return writeDocument(services, made.value, options);
      });
    });

const FORM = 'write refit report <pipeline> -o report.html, --md, --serve, or --svg <figure> -o figure.svg';

function requireForm({ output, md, card, svg, png, serve }: ReportOptions): void {
  const kinds = [svg, png, md ?? card, serve].filter((one) => one !== undefined);
  if (kinds.length > 1) throw new UsageError('report: more than one form is asked for', FORM);
  if (kinds.length === 0 && outputFile(output) === undefined)
    throw new UsageError('report: no form is asked for', FORM);
  if (png !== undefined && outputFile(output) === undefined)
    throw new UsageError('report --png: no file is given', 'add -o figure.png');
  if (serve !== undefined && output !== undefined)
    throw new UsageError('report --serve: a served page is written to no file', 'leave out -o');
}

/** Markdown if it is asked for or the file is named so, else a page. */
async function writeDocument(
  services: OpenServices,
  document: ReportDocument,
  { output, md, card }: ReportOptions,
): Promise<Result<Answer, Failure>> {
  const file = outputFile(output);
  const isMarkdown = md === true || card === true || file?.endsWith('.md') === true;
  if (isMarkdown) {
    const { reportMarkdown } = await import('./views/report-markdown.js');
    const lines = reportMarkdown(document);
    const text = `${lines.join('\n').trimEnd()}\n`;
    if (file === undefined) return answer({ json: { ...document.json, card: text }, parts: [{ kind: 'text', lines }] });
    return written(await writeOutput(services, file, text), { ...document.json, card: text });
  }
  const { reportPage } = await import('./views/page/page.js');
  return written(await writeOutput(services, file ?? '', reportPage(document, { isLive: false })), document.json);
}

const written = (path: Result<string, Failure>, json: View['json']): Result<Answer, Failure> =>
  path.ok
    ? answer({ json: { ...json, file: path.value }, parts: [{ kind: 'line', line: ['wrote ', path.value] }] })
    : path;

/** How a PNG file begins, read as UTF-8. */
const PNG_BEGINS = '\uFFFDPNG\r\n';

async function writeFigure(
  services: OpenServices,
  { sections }: ReportDocument,
  { svg, png, output }: ReportOptions,
): Promise<Result<Answer, Failure>> {
  const name = svg ?? png ?? '';
  const figures = sections.flatMap((section) => section.figures);
  const figure = figures.find((one) => one.name === name);
  if (figure === undefined)
    return err({
      code: 'not-found',
      what: 'figure',
      name,
      available: figures.map((one) => one.name),
      next: 'a figure without data is not drawn; refit report --md shows what there is',
    });
  const { figurePicture, figureSvg } = await import('./views/page/figure-file.js');
  if (png === undefined) {
    const text = figureSvg(figure);
    const file = outputFile(output);
    if (file === undefined) return answer({ json: { svg: text }, parts: [{ kind: 'text', lines: text.split('\n') }] });
    return written(await writeOutput(services, file, text), { figure: name });
  }
  const file = output ?? '';
  const { html, width, height } = figurePicture(figure);
  const place = services.place(file);
  const refused = place.isFolder ? 'it is a folder' : await place.refusal(PNG_BEGINS);
  if (refused !== undefined) return err({ code: 'file-unwritable', path: file, reason: refused });
  const to = place.folder.absolute(basename(file));
  const problem = await services.pages.picture(services.surroundings.mask(html), { width, height, to });
  if (problem === undefined) return written(ok(file), { figure: name });
  return err({ code: 'unsupported', what: `--png here: ${problem}; it`, next: `write refit report … --svg ${name}` });
}

/** Shows the page until ^C. It is made anew whenever somebody loads it. */
async function serve(
  services: OpenServices,
  remake: () => Promise<Result<ReportDocument, Failure>>,
): Promise<Result<Answer, Failure>> {
  const { reportPage } = await import('./views/page/page.js');
  const { stateOf } = await import('./report.js');
  const { failureLines } = await import('./views/failure-lines.js');
  await services.pages.serve({
    signal: services.signal,
    state: () => stateOf(services),
    page: async () => {
      const made = await remake();
      if (!made.ok) throw new Error(failureLines(made.error).join(' '));
      return services.surroundings.mask(reportPage(made.value, { isLive: true }));
    },
    // shown now, not at the end: it is what the command is called for
    onReady: (address) =>
      services.output.show('report', {
        json: { address },
        parts: [{ kind: 'line', line: [address, ' shows the page, until ^C'] }],
      }),
  });
  return ok({ exit: EXIT.done });
}
