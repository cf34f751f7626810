import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface StoredComment {
  readonly id: number;
  readonly author: string;
  readonly type: 'User' | 'Bot';
  body: string;
}

/** The few addresses of GitHub and GitLab that `refit comment` asks, on this machine. */
export interface ForgeServer extends AsyncDisposable {
  readonly url: string;
  readonly comments: StoredComment[];
  readonly calls: { readonly method: string; readonly path: string; readonly headers: IncomingHttpHeaders }[];
  /** Answers everything from now on, instead of the usual. */
  answerWith: ((response: ServerResponse, headers: IncomingHttpHeaders, path: string) => void) | undefined;
  /** Whether the token may ask whose it is. */
  knowsUser: boolean;
  /** Status of the answer to whose token it is, instead of the usual. */
  userStatus: number | undefined;
}

export const TOKEN = 'ghs_secret0123456789';
export const OWNER = 'refit-account';

export async function createForgeServer(kind: 'GitHub' | 'GitLab' = 'GitHub'): Promise<ForgeServer> {
  const comments: StoredComment[] = [];
  const isGithub = kind === 'GitHub';
  const list = isGithub ? '/repos/team/churn/issues/7/comments' : '/projects/5/merge_requests/7/notes';
  const one = isGithub ? '/repos/team/churn/issues/comments/' : `${list}/`;
  const wire = ({ id, body, author, type }: StoredComment) =>
    isGithub
      ? { id, body, user: { login: author, type }, html_url: `https://github.example.org/c/${id}` }
      : { id, body, author: { username: author } };
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const { pathname, searchParams } = new URL(url, 'http://localhost');
      forge.calls.push({ method, path: url, headers });
      if (forge.answerWith !== undefined) return forge.answerWith(response, headers, pathname);
      const send = (status: number, document: unknown): void => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(document));
      };
      const isKnown = isGithub ? headers.authorization === `Bearer ${TOKEN}` : headers['private-token'] === TOKEN;
      if (!isKnown) return send(401, { message: 'Bad credentials' });
      const text = Buffer.concat(parts).toString();
      const body: string = text === '' ? '' : JSON.parse(text).body;
      const most = isGithub ? 65_536 : 1_000_000;
      if (body.length > most) return send(422, { message: `body is too long (maximum is ${most} characters)` });
      if (pathname === '/user' && forge.userStatus !== undefined) return send(forge.userStatus, {});
      if (pathname === '/user' && forge.knowsUser) return send(200, { login: OWNER, username: OWNER });
      if (pathname === '/user') return send(403, { message: 'Resource not accessible by integration' });
      if (method === 'GET' && pathname === list) {
        const [size, page] = [Number(searchParams.get('per_page')), Number(searchParams.get('page'))];
        return send(200, comments.slice((page - 1) * size, page * size).map(wire));
      }
      if (method === 'POST' && pathname === list) {
        const author = forge.knowsUser ? OWNER : 'github-actions[bot]';
        const made: StoredComment = { id: comments.length + 100, author, type: forge.knowsUser ? 'User' : 'Bot', body };
        comments.push(made);
        return send(201, wire(made));
      }
      const known = comments.find(({ id }) => pathname === `${one}${id}`);
      if (method !== (isGithub ? 'PATCH' : 'PUT') || known === undefined) return send(404, { message: 'Not Found' });
      known.body = body;
      return send(200, wire(known));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const forge: ForgeServer = {
    url: `http://127.0.0.1:${port}`,
    comments,
    calls: [],
    answerWith: undefined,
    knowsUser: false,
    userStatus: undefined,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
  return forge;
}

/** The environment of a job of a pull request. */
export const githubEnv = ({ url }: ForgeServer): Readonly<Record<string, string | undefined>> => ({
  GITHUB_ACTIONS: undefined,
  GITHUB_TOKEN: TOKEN,
  GITHUB_API_URL: url,
  GITHUB_SERVER_URL: url,
  GH_HOST: undefined,
  GITHUB_REPOSITORY: 'team/churn',
  GITHUB_REF: 'refs/pull/7/merge',
  GITHUB_EVENT_PATH: undefined,
  GITHUB_WORKSPACE: undefined,
  GITLAB_CI: undefined,
});

export const gitlabEnv = ({ url }: ForgeServer): Readonly<Record<string, string | undefined>> => ({
  GITHUB_ACTIONS: undefined,
  GITLAB_CI: 'true',
  GITLAB_TOKEN: TOKEN,
  CI_API_V4_URL: url,
  CI_SERVER_URL: url,
  GITLAB_HOST: undefined,
  CI_PROJECT_ID: '5',
  CI_PROJECT_PATH: 'team/churn',
  CI_MERGE_REQUEST_IID: '7',
});
