import type { Failure } from '../../domain/failure.js';
import type { Services } from '../../domain/ports/services.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { type Comment, commentOf, jsonOf, messageOf, ownerOf, pageOf } from './answers.js';
import type { Forge } from './forge.js';

/** A page of comments may hold this many of the longest. */
const PER_PAGE = 50;
const MOST_PAGES = 40;
const MOST_BYTES = 32 * 1024 * 1024;

export interface Posted {
  readonly result: 'created' | 'updated' | 'unchanged';
  readonly url?: string;
}

interface Asked {
  readonly forge: Forge;
  /** First line of the comment, by which it is found again. */
  readonly marker: string;
  readonly body: string;
  readonly timeoutMs: number;
}

/** Writes the comment, or updates the one that the same account wrote before with this marker. */
export async function postComment(
  services: Pick<Services, 'webhooks' | 'signal'>,
  asked: Asked,
): Promise<Result<Posted, Failure>> {
  const call = caller(services, asked);
  const found = await findOwn(call, asked);
  if (!found.ok) return found;
  const { forge, body } = asked;
  const own = found.value;
  if (own?.body === body) return ok({ result: 'unchanged', url: own.url });
  const written =
    own === undefined
      ? await call('POST', forge.comments, { body: { body } })
      : await call(forge.updateMethod, forge.comment(own.id), { body: { body } });
  if (!written.ok) return written;
  const comment = commentOf(written.value);
  if (comment === undefined) return noApi(asked);
  return ok({ result: own === undefined ? 'created' : 'updated', url: comment.url });
}

interface CallOptions {
  readonly body?: object;
  /** Statuses that are an answer too: the value is then `undefined`. */
  readonly mayRefuse?: readonly number[];
}

type Call = (
  method: 'GET' | 'POST' | 'PATCH' | 'PUT',
  url: string,
  options?: CallOptions,
) => Promise<Result<unknown, Failure>>;

const caller =
  ({ webhooks, signal }: Pick<Services, 'webhooks' | 'signal'>, { forge, timeoutMs }: Asked): Call =>
  async (method, url, { body, mayRefuse = [] } = {}) => {
    const failed = (reason: string, next: string): Result<never, Failure> =>
      err({ code: 'comment-failed', place: forge.place, reason: withoutToken(reason, forge), next });
    const answer = await webhooks.ask(url, {
      method,
      headers: body === undefined ? forge.headers : { ...forge.headers, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
      timeoutMs,
      signal,
      mostBytes: MOST_BYTES,
    });
    if ('problem' in answer) return failed(`${forge.name}: ${answer.problem}`, UNREACHED[forge.name]);
    const { status, text } = answer;
    if (mayRefuse.includes(status)) return ok(undefined);
    if (status < 200 || status >= 300)
      return failed(`${forge.name} answered ${status}${withMessage(text)}`, nextFor(status, forge));
    const value = jsonOf(text);
    return value === undefined
      ? failed(`${forge.name} answered ${status}, but not with JSON`, UNREACHED[forge.name])
      : ok(value);
  };

/** A sign-in page or another service can answer with 200 and JSON. */
const noApi = ({ forge }: Pick<Asked, 'forge'>): Result<never, Failure> =>
  err({
    code: 'comment-failed',
    place: forge.place,
    reason: `what answered is not the API of ${forge.name}: it sent no comment`,
    next: UNREACHED[forge.name],
  });

const withoutToken = (text: string, { token }: Forge): string => text.replaceAll(token, '***');

const UNREACHED = {
  GitHub: 'check GITHUB_API_URL and the proxy (HTTPS_PROXY), and repeat the command: it updates its own comment',
  GitLab: 'check CI_API_V4_URL and the proxy (HTTPS_PROXY), and repeat the command: it updates its own comment',
} as const;

function nextFor(status: number, { name }: Forge): string {
  if (status === 401) return name === 'GitHub' ? 'GITHUB_TOKEN is not valid here' : 'GITLAB_TOKEN is not valid here';
  if (status === 403)
    return name === 'GitHub'
      ? 'give the job "permissions: { contents: read, pull-requests: write }"; the token of a pull request from a fork only reads'
      : 'the token needs the scope "api" and the role Reporter or above';
  if (status === 404)
    return 'the token sees no such pull request: check the repository, the number and the rights of the token';
  if (status === 422) return 'it does not take this text: look at it with refit compare <base> --md';
  return 'repeat the command later: it updates its own comment';
}

/** What the server says about it, cut: it is a stranger's text. */
function withMessage(text: string): string {
  const message = messageOf(jsonOf(text));
  return message === undefined ? '' : ` (${message.slice(0, 200)})`;
}

/**
 * The first comment with the marker that the token's own account wrote. Anybody can copy the marker: were their comment updated,
 * they could change refit's words afterwards. Fails if this cannot be found out, because a second comment would be written.
 */
async function findOwn(call: Call, { forge, marker }: Asked): Promise<Result<Comment | undefined, Failure>> {
  let isOwn: ((comment: Comment) => boolean) | undefined;
  for (let page = 1; page <= MOST_PAGES; page++) {
    const listed = await call('GET', `${forge.comments}?per_page=${PER_PAGE}&page=${page}&sort=asc`);
    if (!listed.ok) return listed;
    const found = pageOf(listed.value);
    if (found === undefined) return noApi({ forge });
    const marked = found.comments.filter(({ body }) => body.startsWith(marker));
    if (marked.length > 0 && isOwn === undefined) {
      const owned = await ownership(call, forge);
      if (!owned.ok) return owned;
      isOwn = owned.value;
    }
    const own = marked.find((comment) => isOwn?.(comment) === true);
    if (own !== undefined) return ok(own);
    if (found.entries < PER_PAGE) return ok(undefined);
  }
  return err({
    code: 'comment-failed',
    place: forge.place,
    reason: `its first ${PER_PAGE * MOST_PAGES} comments were searched for that of refit, and there are more`,
    next: 'write the comment yourself: refit compare <base> --md prints it',
  });
}

/** The token of an Actions job may not ask who it is; its comments are those of a bot. */
async function ownership(call: Call, forge: Forge): Promise<Result<(comment: Comment) => boolean, Failure>> {
  const user = await call('GET', forge.user, { mayRefuse: MAY_NOT_ASK[forge.name] });
  if (!user.ok) return user;
  if (user.value === undefined) return ok(({ isBot }) => isBot);
  const name = ownerOf(user.value);
  return name === undefined ? noApi({ forge }) : ok(({ author }) => author === name);
}

/** Answers to a token that may write comments and not ask whose it is. */
const MAY_NOT_ASK: Readonly<Record<Forge['name'], readonly number[]>> = { GitHub: [401, 403, 404], GitLab: [] };
