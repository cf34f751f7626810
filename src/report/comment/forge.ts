import type { Failure } from '../../domain/failure.js';
import { eventOf, jsonOf } from './answers.js';

/** Where comments of a pull request are kept, and how they are asked for. */
export interface Forge {
  readonly name: 'GitHub' | 'GitLab';
  /** For people: `owner/name#12`. */
  readonly place: string;
  /** Characters that a comment may have. */
  readonly mostCharacters: number;
  readonly token: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Address of a page of comments, oldest first. It is also where a new one is posted, without the query. */
  readonly comments: string;
  readonly comment: (id: string) => string;
  readonly updateMethod: 'PATCH' | 'PUT';
  /** Address of the facts about the token's owner. */
  readonly user: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** What a comment is about, as far as the environment and the command line tell. */
export interface Surrounding {
  readonly variables: Variables;
  /** The text of the event that started a GitHub job. */
  readonly event?: string;
  /** `--pr`. */
  readonly number?: number;
}

export type FoundForge =
  | { readonly kind: 'forge'; readonly forge: Forge }
  /** Nothing is wrong: the comment is printed instead. */
  | { readonly kind: 'none'; readonly why: string }
  | { readonly kind: 'failure'; readonly failure: Failure };

const none = (why: string): FoundForge => ({ kind: 'none', why });

/** The pull request of this CI job, or the one that is asked for. Without a token there is none to write to. */
export function findForge(surrounding: Surrounding): FoundForge {
  const { variables } = surrounding;
  return variables.GITLAB_CI === 'true' || (variables.CI_API_V4_URL ?? '') !== ''
    ? findGitlab(surrounding)
    : findGithub(surrounding);
}

const given = (variables: Variables, ...names: readonly string[]): string | undefined =>
  names
    .map((name) => variables[name])
    .find((value) => value !== undefined && value.trim() !== '')
    ?.trim();

/** An address that the environment gives, without what a mistake or a stranger could put beside it. */
function apiOf(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { protocol, origin, pathname, username } = new URL(address);
  return /^https?:$/.test(protocol) && username === '' ? `${origin}${pathname}`.replace(/\/+$/, '') : undefined;
}

function findGithub({ variables, event, number }: Surrounding): FoundForge {
  const token = given(variables, 'GITHUB_TOKEN', 'GH_TOKEN');
  if (token === undefined) return none('there is no GITHUB_TOKEN or GH_TOKEN');
  const repository = given(variables, 'GITHUB_REPOSITORY');
  if (repository === undefined || !/^[\w-]+\/(?!\.{1,2}$)[\w.-]+$/.test(repository))
    return none('GITHUB_REPOSITORY does not name a repository (owner/name)');
  const pull = number ?? parsed(event).number ?? numberOfRef(variables.GITHUB_REF);
  if (pull === undefined) return none('this is no job of a pull request; --pr names one');
  if (isForkEvent(event, repository))
    return none('the pull request comes from a fork, whose jobs get a token that only reads');
  const api = apiOf(given(variables, 'GITHUB_API_URL') ?? 'https://api.github.com');
  if (api === undefined) return unusable(`${repository}#${pull}`, 'GITHUB_API_URL');
  const hosts = ['github.com', hostOf(variables.GITHUB_SERVER_URL), given(variables, 'GH_HOST')];
  if (!isHostOf(api, hosts))
    return foreign(`${repository}#${pull}`, { variable: 'GITHUB_API_URL', api, own: 'GH_HOST' });
  const issues = `${api}/repos/${repository}/issues`;
  return {
    kind: 'forge',
    forge: {
      name: 'GitHub',
      place: `${repository}#${pull}`,
      mostCharacters: 65_536,
      token,
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${token}`,
        'x-github-api-version': '2022-11-28',
        'user-agent': 'refit',
      },
      comments: `${issues}/${pull}/comments`,
      comment: (id) => `${issues}/comments/${id}`,
      updateMethod: 'PATCH',
      user: `${api}/user`,
    },
  };
}

function findGitlab({ variables, number }: Surrounding): FoundForge {
  const token = given(variables, 'GITLAB_TOKEN');
  if (token === undefined)
    return none(
      'there is no GITLAB_TOKEN (a project access token with the scope "api"; the token of the job may not comment)',
    );
  const project = given(variables, 'CI_PROJECT_ID');
  const request = number ?? wholeNumber(variables.CI_MERGE_REQUEST_IID);
  if (project === undefined || !/^\d+$/.test(project)) return none('CI_PROJECT_ID names no project');
  if (request === undefined) return none('this is no pipeline of a merge request; --pr names one');
  const place = `${variables.CI_PROJECT_PATH ?? `project ${project}`}!${request}`;
  const api = apiOf(given(variables, 'CI_API_V4_URL') ?? 'https://gitlab.com/api/v4');
  if (api === undefined) return unusable(place, 'CI_API_V4_URL');
  const hosts = ['gitlab.com', hostOf(variables.CI_SERVER_URL), given(variables, 'GITLAB_HOST')];
  if (!isHostOf(api, hosts)) return foreign(place, { variable: 'CI_API_V4_URL', api, own: 'GITLAB_HOST' });
  const notes = `${api}/projects/${project}/merge_requests/${request}/notes`;
  return {
    kind: 'forge',
    forge: {
      name: 'GitLab',
      place,
      mostCharacters: 1_000_000,
      token,
      headers: { 'private-token': token, 'user-agent': 'refit' },
      comments: notes,
      comment: (id) => `${notes}/${id}`,
      updateMethod: 'PUT',
      user: `${api}/user`,
    },
  };
}

const hostOf = (address: string | undefined): string | undefined =>
  address !== undefined && URL.canParse(address) ? new URL(address).host : undefined;

/** Whether an address is that of one of these servers, or of its `api.`: a token is for the server that gave it only. */
function isHostOf(address: string, hosts: readonly (string | undefined)[]): boolean {
  const { host } = new URL(address);
  return hosts.some((one) => one !== undefined && (host === one || host === `api.${one}`));
}

/** An address that something else than the CI set, such as a file of settings that a clone brings. */
const foreign = (
  place: string,
  { variable, api, own }: { readonly variable: string; readonly api: string; readonly own: string },
): FoundForge => ({
  kind: 'failure',
  failure: {
    code: 'comment-failed',
    place,
    reason: `${variable} names ${new URL(api).host}, which is not the server of this job: it does not get the token`,
    next: `if the token is for that server, say so: ${own}=${new URL(api).host}`,
  },
});

const unusable = (place: string, variable: string): FoundForge => ({
  kind: 'failure',
  failure: {
    code: 'comment-failed',
    place,
    reason: `${variable} is no usable address`,
    next: 'write it as https://host/path, without a password',
  },
});

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,9}$/.test(text) ? Number(text) : undefined;
}

const numberOfRef = (ref: string | undefined): number | undefined =>
  wholeNumber(/^refs\/pull\/(\d+)\//.exec(ref ?? '')?.[1]);

const parsed = (event: string | undefined) => eventOf(jsonOf(event ?? '{}'));

function isForkEvent(event: string | undefined, repository: string): boolean {
  const { from } = parsed(event);
  return from !== undefined && from.toLowerCase() !== repository.toLowerCase();
}
