import { basename } from 'node:path';
import type { Command } from 'commander';
import { type Answer, answer, type CommonOptions, parseCount, perform, UsageError } from '../cli/action.js';
import { requireFiles } from '../cli/file-forms.js';
import type { OpenServices } from '../cli/services.js';
import type { Failure } from '../domain/failure.js';
import { ok, type Result } from '../domain/support/result.js';
import { parseDuration } from '../domain/support/time.js';
import type { View } from '../domain/view.js';

interface CommentOptions extends CommonOptions {
  readonly file?: string;
  readonly pr?: number;
  readonly name?: string;
  readonly timeout?: number;
}

export const addComment = (program: Command): Command =>
  program
    .command('comment')
    .description(
      'Write what this branch does to the models as one comment on its pull request, or update that comment. Without a token it is printed.',
    )
    .argument('[base]', 'what to compare with; default the branch that the pull request goes to')
    .option('--file <file>', 'write this Markdown file instead of a comparison')
    .option('--pr <number>', 'number of the pull request; default that of the CI job', parseCount('--pr'))
    .option('--name <name>', 'keeps several comments on one pull request apart')
    .option('--timeout <duration>', 'wait so long for each answer; default 30s', parseTimeout)
    .action(async (base: string | undefined, options: CommentOptions) => {
      if (base !== undefined && options.file !== undefined)
        throw new UsageError(
          'comment: both a base and --file are given',
          'write refit comment main, or refit comment --file report.md',
        );
      if (options.file !== undefined) requireFiles([options.file]);
      await perform('comment', options, options.file === undefined ? 'read' : 'none', async (services) => {
        const text =
          options.file === undefined ? await comparison(services, base) : await textOf(services, options.file);
        return text.ok ? comment(services, text.value, options) : text;
      });
    });

function parseTimeout(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms === 0) throw new UsageError(`--timeout ${text}: not a duration`, 'write --timeout 30s');
  return ms;
}

/** The Markdown, and how to see all of it where a comment is too short for it. */
interface Text {
  readonly markdown: string;
  readonly whole: string;
}

async function textOf(services: OpenServices, file: string): Promise<Result<Text, Failure>> {
  const { folder, faultOfFolder } = services.place(file);
  // A pull request can bring a link under the name of the report, or of its folder.
  const isLink = (await folder.readLink(basename(file))) !== undefined;
  const reason = isLink ? 'it is a link: name the file itself' : faultOfFolder();
  if (reason !== undefined) return { ok: false, error: { code: 'file-unreadable', path: file, reason } };
  const read = await folder.readText(basename(file));
  return read.ok ? ok({ markdown: read.value, whole: `The file ${basename(file)} has all of it.` }) : read;
}

async function comparison(services: OpenServices, base: string | undefined): Promise<Result<Text, Failure>> {
  const variables = services.surroundings.variables();
  const subject = base ?? [variables.GITHUB_BASE_REF, variables.CI_MERGE_REQUEST_TARGET_BRANCH_NAME].find(Boolean);
  if (subject === undefined)
    return {
      ok: false,
      error: {
        code: 'usage',
        problem: 'comment: nothing says what to compare with',
        next: 'write refit comment main, or refit comment --file report.md',
      },
    };
  const { compare } = await import('./compare/compare.js');
  const { compareView } = await import('./views/compare-view.js');
  const { compareMarkdown } = await import('./views/compare-markdown.js');
  const compared = await compare(services, { subject, mayLackBase: true, isBranch: base === undefined });
  if (!compared.ok) return compared;
  const lines = compareMarkdown(subject, compareView(compared.value));
  return ok({
    markdown: `${lines.join('\n')}\n`,
    whole: `\`refit compare ${subject.replaceAll('`', '')}\` prints all of it.`,
  });
}

async function comment(
  services: OpenServices,
  { markdown, whole }: Text,
  options: CommentOptions,
): Promise<Result<Answer, Failure>> {
  const { findForge } = await import('./comment/forge.js');
  const { shortenMarkdown } = await import('../domain/support/shorten-markdown.js');
  const variables = services.surroundings.variables();
  const event = await eventOf(services, variables.GITHUB_EVENT_PATH);
  const found = findForge({ variables, event, number: options.pr });
  if (found.kind === 'failure') return { ok: false, error: found.failure };
  if (found.kind === 'none') {
    services.emit({
      type: 'warning',
      code: 'comment-printed',
      text: `the comment is printed and not posted: ${found.why}`,
    });
    return answer(printed(markdown, found.why));
  }
  const { forge } = found;
  const marker = `<!-- refit comment ${encodeURIComponent(options.name ?? placeInRepository(services))} -->\n`;
  const text = services.surroundings.mask(markdown).replaceAll(forge.token, '***');
  const body = `${marker}${shortenMarkdown(text, forge.mostCharacters - marker.length, whole)}`.trimEnd();
  const { postComment } = await import('./comment/post-comment.js');
  const posted = await postComment(services, {
    forge,
    marker: marker.trimEnd(),
    body,
    timeoutMs: options.timeout ?? 30_000,
  });
  if (!posted.ok) return posted;
  const { result, url } = posted.value;
  return answer({
    json: {
      result,
      place: forge.place,
      url: url ?? null,
      shortened: body.length < marker.length + text.trimEnd().length,
      markdown: body,
    },
    parts: [{ kind: 'line', line: [`${result} the comment on ${forge.place}`, url === undefined ? '' : `: ${url}`] }],
  });
}

const printed = (markdown: string, why: string): View => ({
  json: { result: 'printed', why, place: null, url: null, shortened: false, markdown },
  parts: [{ kind: 'text', lines: markdown.trimEnd().split('\n') }],
});

async function eventOf(services: OpenServices, path: string | undefined): Promise<string | undefined> {
  if (path === undefined || path === '') return undefined;
  const read = await services.place(path).folder.readText(basename(path));
  if (read.ok) return read.value;
  services.emit({
    type: 'warning',
    code: 'event-unreadable',
    text: `the file ${path} of GITHUB_EVENT_PATH cannot be read, so it is not known whether the pull request comes from a fork`,
  });
  return undefined;
}

/** The workspace in its repository: two workspaces of one repository write two comments. */
function placeInRepository({ files, surroundings }: OpenServices): string {
  const variables = surroundings.variables();
  const top = variables.GITHUB_WORKSPACE ?? variables.CI_PROJECT_DIR ?? files.root;
  return files.root.startsWith(`${top}/`) ? files.root.slice(top.length + 1) : '.';
}
