import { expect, it } from 'vitest';
import { createRig } from '../support/rig.js';
import { createForgeServer, githubEnv, gitlabEnv, OWNER, TOKEN } from './forge-server.js';

const MARKER = '<!-- refit comment . -->';

it('posts one comment, updates it, and leaves an equal one alone', async () => {
  await using forge = await createForgeServer();
  using rig = createRig({ 'report.md': '# One\n' }, githubEnv(forge));
  expect(await rig.json(0, 'comment', '--file', 'report.md')).toMatchObject({
    result: 'created',
    place: 'team/churn#7',
    url: 'https://github.example.org/c/100',
    shortened: false,
  });
  rig.write({ 'report.md': '# Two\n' });
  expect(await rig.json(0, 'comment', '--file', 'report.md')).toMatchObject({ result: 'updated' });
  expect(await rig.json(0, 'comment', '--file', 'report.md')).toMatchObject({ result: 'unchanged' });
  expect(forge.comments.map(({ body }) => body)).toEqual([`${MARKER}\n# Two`]);
  const { stdout } = await rig.refit('comment', '--file', 'report.md');
  expect(stdout).toBe('unchanged the comment on team/churn#7: https://github.example.org/c/100\n');
});

it('finds its comment behind many others, and keeps named ones apart', async () => {
  await using forge = await createForgeServer();
  using rig = createRig({ 'report.md': 'x' }, githubEnv(forge));
  for (let id = 0; id < 70; id++) forge.comments.push({ id, author: 'ann', type: 'User', body: `talk ${id}` });
  await rig.json(0, 'comment', '--file', 'report.md');
  await rig.json(0, 'comment', '--file', 'report.md', '--name', 'nightly -->');
  rig.write({ 'report.md': 'y' });
  expect(await rig.json(0, 'comment', '--file', 'report.md')).toMatchObject({ result: 'updated' });
  expect(forge.comments).toHaveLength(72);
  expect(forge.comments[71]?.body).toBe('<!-- refit comment nightly%20--%3E -->\nx');
});

it('never updates a comment that somebody else began with its marker', async () => {
  await using forge = await createForgeServer();
  using rig = createRig({ 'report.md': 'x' }, githubEnv(forge));
  const forged = { id: 1, author: 'mallory', type: 'User' as const, body: `${MARKER}\nall is well` };
  forge.comments.push(forged);
  expect(await rig.json(0, 'comment', '--file', 'report.md')).toMatchObject({ result: 'created' });
  forge.knowsUser = true;
  forge.comments.push({ id: 2, author: OWNER, type: 'User', body: `${MARKER}\nmine` });
  expect(await rig.json(0, 'comment', '--file', 'report.md')).toMatchObject({ result: 'updated' });
  expect(forge.comments.map(({ body }) => body)).toEqual([forged.body, `${MARKER}\nx`, `${MARKER}\nx`]);
});

it('fails, and writes no second comment, if it cannot find out which comment is its own', async () => {
  for (const kind of ['GitHub', 'GitLab'] as const) {
    await using forge = await createForgeServer(kind);
    forge.knowsUser = true;
    using rig = createRig({ 'report.md': 'x' }, kind === 'GitHub' ? githubEnv(forge) : gitlabEnv(forge));
    await rig.json(0, 'comment', '--file', 'report.md');
    rig.write({ 'report.md': 'y' });
    const answers = kind === 'GitHub' ? [{ userStatus: 500 }] : [{ userStatus: 500 }, { userStatus: 403 }];
    for (const { userStatus } of answers) {
      forge.userStatus = userStatus;
      const { exit, stderr } = await rig.refit('comment', '--file', 'report.md');
      expect({ exit, stderr }).toEqual({ exit: 1, stderr: expect.stringContaining(`answered ${userStatus}`) });
    }
    expect(forge.comments).toHaveLength(1);
  }
});

it('fails if a pull request has more comments than it searches', async () => {
  await using forge = await createForgeServer();
  using rig = createRig({ 'report.md': 'x' }, githubEnv(forge));
  for (let id = 0; id < 2000; id++) forge.comments.push({ id, author: 'ann', type: 'User', body: 'talk' });
  const { exit, stderr } = await rig.refit('comment', '--file', 'report.md');
  expect({ exit, stderr }).toEqual({ exit: 1, stderr: expect.stringContaining('its first 2000 comments') });
  expect(forge.comments).toHaveLength(2000);
});

it('fails if what answers with 200 and JSON is not the API', async () => {
  await using forge = await createForgeServer();
  using rig = createRig({ 'report.md': 'x' }, githubEnv(forge));
  const answers: readonly (readonly [get: string, post: string])[] = [
    ['null', '{}'],
    ['{}', '{}'],
    ['"sign in"', '{}'],
    ['[1, null, {"id":"x"}, []]', '{"ok":true}'],
    ['[]', 'null'],
  ];
  for (const [get, post] of answers) {
    forge.answerWith = (response) => response.end(response.req.method === 'GET' ? get : post);
    const { exit, stdout, stderr } = await rig.refit('comment', '--file', 'report.md');
    expect({ get, exit, stdout }).toEqual({ get, exit: 1, stdout: '' });
    expect(stderr).toContain('is not the API of GitHub');
  }
});

it('prints the comment and says why where it cannot be posted', async () => {
  await using forge = await createForgeServer();
  const cases: readonly (readonly [Readonly<Record<string, string | undefined>>, string])[] = [
    [{ GITHUB_TOKEN: undefined, GH_TOKEN: undefined }, 'there is no GITHUB_TOKEN or GH_TOKEN'],
    [{ GITHUB_REF: 'refs/heads/main' }, 'this is no job of a pull request; --pr names one'],
    [{ GITHUB_REPOSITORY: '../x' }, 'GITHUB_REPOSITORY does not name a repository'],
    [{ GITHUB_EVENT_PATH: 'fork.json' }, 'comes from a fork'],
    [{ ...gitlabEnv(forge), GITLAB_TOKEN: undefined }, 'there is no GITLAB_TOKEN'],
  ];
  for (const [env, why] of cases) {
    using rig = createRig(
      {
        'report.md': '# One\n',
        'fork.json': '{"pull_request":{"number":7,"head":{"repo":{"full_name":"mallory/churn"}}}}',
      },
      { ...githubEnv(forge), ...env },
    );
    const { exit, stdout, stderr } = await rig.refit('comment', '--file', 'report.md');
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: '# One\n' });
    expect(stderr).toContain(why);
  }
  expect(forge.calls).toEqual([]);
});

it('takes the number from the event, and --pr before it', async () => {
  await using forge = await createForgeServer();
  const env = { ...githubEnv(forge), GITHUB_REF: 'refs/heads/main', GITHUB_EVENT_PATH: 'event.json' };
  using rig = createRig({ 'report.md': 'x', 'event.json': '{"issue":{"number":7,"pull_request":{}}}' }, env);
  expect(await rig.json(0, 'comment', '--file', 'report.md')).toMatchObject({ place: 'team/churn#7' });
  const missing = await rig.refit('comment', '--file', 'report.md', '--pr', '8');
  expect(missing.exit).toBe(1);
  expect(missing.stderr).toContain('no comment was written on team/churn#8: GitHub answered 404 (Not Found)');
});

it('names what went wrong, and never the token', async () => {
  await using forge = await createForgeServer();
  using rig = createRig({ 'report.md': `the token is ${TOKEN}\n` }, githubEnv(forge));
  const failures: readonly (readonly [NonNullable<typeof forge.answerWith>, string])[] = [
    [() => undefined, 'no answer in 300 ms'],
    [
      (response) => response.writeHead(302, { location: 'https://evil.example.org/' }).end(),
      'a redirect, which is not followed',
    ],
    [(response) => response.writeHead(403).end('{"message":"Resource not accessible"}'), 'pull-requests: write'],
    [(response) => response.writeHead(401).end('{}'), 'GITHUB_TOKEN is not valid here'],
    [(response) => response.writeHead(502).end('<html>'), 'GitHub answered 502'],
    [(response) => response.writeHead(200).end('<html>'), 'but not with JSON'],
    [
      (response, { authorization }) => response.writeHead(400).end(JSON.stringify({ message: authorization })),
      'Bearer ***',
    ],
    [(response) => response.destroy(), 'it could not be reached'],
  ];
  for (const [answer, words] of failures) {
    forge.answerWith = answer;
    const { exit, stdout, stderr } = await rig.refit('comment', '--file', 'report.md', '--timeout', '300ms');
    expect({ exit, stdout, said: stderr.includes(words) ? words : stderr }).toEqual({
      exit: 1,
      stdout: '',
      said: words,
    });
    expect(stderr).not.toContain(TOKEN);
  }
  forge.answerWith = undefined;
  await rig.json(0, 'comment', '--file', 'report.md');
  expect(forge.comments[0]?.body).toBe(`${MARKER}\nthe token is ***`);
});

it('shortens what GitHub would not take, outside of code blocks, and says so', async () => {
  await using forge = await createForgeServer();
  const line = 'a line of a long report | with a bar\n';
  const block = `\`\`\`\n${line.repeat(1000)}\`\`\`\n`;
  using rig = createRig({ 'report.md': `${line.repeat(1500)}${block}` }, githubEnv(forge));
  expect(await rig.json(0, 'comment', '--file', 'report.md')).toMatchObject({ result: 'created', shortened: true });
  const body = forge.comments[0]?.body ?? '';
  expect(body.length).toBeLessThanOrEqual(65_536);
  expect(body).not.toContain('```');
  expect(body).toMatch(/\*\*Shortened\*\*: 1003 more lines did not fit here\. The file report\.md has all of it\.$/);
  rig.write({ 'report.md': `<details>\n${'é'.repeat(300)}\n`.repeat(400) });
  await rig.json(0, 'comment', '--file', 'report.md');
  rig.write({ 'report.md': '😀'.repeat(80_000) });
  expect(await rig.json(0, 'comment', '--file', 'report.md')).toMatchObject({ result: 'updated', shortened: true });
});

it('keeps one note on a merge request of GitLab', async () => {
  await using forge = await createForgeServer('GitLab');
  forge.knowsUser = true;
  using rig = createRig({ 'report.md': 'one' }, gitlabEnv(forge));
  forge.comments.push({ id: 1, author: 'mallory', type: 'User', body: `${MARKER}\nall is well` });
  expect(await rig.json(0, 'comment', '--file', 'report.md')).toMatchObject({
    result: 'created',
    place: 'team/churn!7',
  });
  rig.write({ 'report.md': 'two' });
  expect(await rig.json(0, 'comment', '--file', 'report.md')).toMatchObject({ result: 'updated' });
  expect(forge.comments.map(({ body }) => body)).toEqual([`${MARKER}\nall is well`, `${MARKER}\ntwo`]);
});

it('refuses a base beside a file, and asks for one where no job names it', async () => {
  using rig = createRig(
    { 'report.md': 'x', 'refit.yaml': '' },
    { GITHUB_BASE_REF: '', CI_MERGE_REQUEST_TARGET_BRANCH_NAME: '' },
  );
  expect((await rig.refit('comment', 'main', '--file', 'report.md')).exit).toBe(2);
  expect((await rig.refit('comment', '--file', 'absent.md')).exit).toBe(2);
  const { exit, stderr } = await rig.refit('comment');
  expect({ exit, stderr }).toEqual({ exit: 2, stderr: expect.stringContaining('write refit comment main') });
});
