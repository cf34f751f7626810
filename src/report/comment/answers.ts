import { z } from 'zod';

/**
 * What of the answers of GitHub and GitLab is used. A proxy, a sign-in page or another service may answer anything with status
 * 200, so each answer is checked here before anything of it is used.
 */

/** GitHub calls an account by its login, GitLab by its user name. */
const account = z
  .object({ login: z.string().nullish(), username: z.string().nullish(), type: z.string().nullish() })
  .transform(({ login, username, type }) => ({ name: login ?? username ?? '', isBot: type === 'Bot' }));

const address = z
  .string()
  .regex(/^https?:\/\//)
  .optional()
  .catch(undefined);

const comment = z
  .object({
    id: z.int().transform(String),
    body: z.string(),
    user: account.nullish(),
    author: account.nullish(),
    html_url: address,
  })
  .transform(({ id, body, user, author, html_url: url }) => ({
    id,
    body,
    url,
    author: (user ?? author)?.name ?? '',
    isBot: (user ?? author)?.isBot ?? false,
  }));

/** A comment of a pull request, or a note of a merge request. */
export type Comment = z.output<typeof comment>;

const parse = <T>(form: z.ZodType<T>, answer: unknown): T | undefined => form.safeParse(answer).data;

export const commentOf = (answer: unknown): Comment | undefined => parse(comment, answer);

/** The comments of a page and how many entries it has, with those that are none. `undefined`: it is no page of comments. */
export function pageOf(
  answer: unknown,
): { readonly comments: readonly Comment[]; readonly entries: number } | undefined {
  const entries = parse(z.array(z.unknown()), answer);
  if (entries === undefined) return undefined;
  return { comments: entries.flatMap((one) => commentOf(one) ?? []), entries: entries.length };
}

/** The name of the account that a token belongs to. */
export const ownerOf = (answer: unknown): string | undefined => parse(account, answer)?.name || undefined;

/** What the server says about a failure. */
export const messageOf = (answer: unknown): string | undefined =>
  parse(z.object({ message: z.string() }), answer)?.message;

const number = z.int().positive().max(9_999_999_999);

const event = z.object({
  pull_request: z
    .object({
      number: number.optional().catch(undefined),
      head: z
        .object({ repo: z.object({ full_name: z.string() }).nullish().catch(undefined) })
        .optional()
        .catch(undefined),
    })
    .nullish()
    .catch(undefined),
  issue: z
    .object({ number: number.optional().catch(undefined), pull_request: z.unknown() })
    .nullish()
    .catch(undefined),
});

/** What the event of a GitHub job says about its pull request. */
export function eventOf(answer: unknown): { readonly number?: number; readonly from?: string } {
  const { pull_request: pull, issue } = parse(event, answer) ?? {};
  return {
    number: pull?.number ?? (issue?.pull_request === undefined ? undefined : issue.number),
    from: pull?.head?.repo?.full_name,
  };
}

/** The value of a JSON text; `undefined` for anything else. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
