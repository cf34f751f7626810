import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createReceiver, type Receiver } from '../support/receiver.js';
import { createRig, type Rig } from '../support/rig.js';
import { STEERED } from '../support/steering.js';

const PIPELINE = `pipeline: p
owner: team@example.org
review_every: 90d
steps:
  train: { run: sh train.sh, inputs: [train.sh, in.txt], outputs: [p.model] }
model: { path: p.model, gate: [{ smoke: sh smoke.sh }], first: accept }
retrain: { when: { event: landed } }
`;

const watched = (settings: string, env: Readonly<Record<string, string>> = {}): Rig =>
  createRig(
    {
      'pipelines/p.yaml': PIPELINE,
      'train.sh': 'cp in.txt p.model',
      'smoke.sh': 'true',
      'in.txt': 'first',
      'refit.yaml': settings,
    },
    env,
  );

const kindsOf = ({ received }: Receiver): readonly string[] => received.map((one) => one.body.kind);

const tell = (rig: Rig, id: string) => rig.refit('trigger', 'p', '--event', 'landed', '--id', id);

it('sends decisions, gate verdicts, promotions, rollbacks and failures once each, with the owner to ask', async () => {
  await using receiver = await createReceiver();
  using rig = watched(`notifications: { all: { url: ${JSON.stringify(receiver.url)} } }\n`);
  await rig.json(0, 'retrain', 'p');
  expect(kindsOf(receiver)).toEqual(['decision', 'gate', 'promotion']);
  const [decided, , promoted] = receiver.received;
  expect(decided?.body).toMatchObject({
    schema_version: 1,
    pipeline: 'p',
    summary: 'no version serves yet',
    owner: 'team@example.org',
    review_due: true,
    facts: { verdict: 'retrain' },
  });
  expect(promoted?.headers['idempotency-key']).toBe('promotion:p:1');
  expect(promoted?.body).toMatchObject({ id: 'promotion:p:1', facts: { version: 1, from: null } });
  await rig.json(0, 'retrain', 'p');
  expect(receiver.received).toHaveLength(3);
  rig.write({ 'in.txt': 'second' });
  await tell(rig, 'a');
  rig.write({ 'in.txt': 'third', 'smoke.sh': 'exit 1' });
  await tell(rig, 'b');
  await rig.json(0, 'rollback', 'p', '--reason', 'too slow');
  rig.write({ 'train.sh': 'exit 9' });
  await tell(rig, 'c');
  expect(kindsOf(receiver).slice(3)).toEqual([
    ...['decision', 'gate', 'promotion'],
    ...['decision', 'gate'],
    'rollback',
    ...['decision', 'failure'],
  ]);
  expect(receiver.received.at(7)?.body).toMatchObject({ facts: { verdict: 'fail' } });
  expect(receiver.received.at(8)?.body.summary).toContain('too slow');
  expect(new Set(receiver.received.map((one) => one.body.id)).size).toBe(receiver.received.length);
});

it('does not fail a retrain when a webhook fails: warns, shows it in status without the address, sends it later', async () => {
  await using receiver = await createReceiver();
  using rig = watched('notifications: { chat: { url: { from: CHAT_URL }, on: [promotion] } }\n', {
    CHAT_URL: receiver.url,
  });
  receiver.answer(500);
  const trained = await rig.refit('retrain', 'p');
  expect(trained).toMatchObject({ exit: 0, stderr: expect.stringContaining('notification "chat": it answered 500') });
  const status = await rig.refit('status');
  expect(status.stdout).toContain('notification "chat" fails it answered 500  1 notice waiting');
  expect(`${trained.stderr}${status.stdout}`).not.toContain('geheim');
  receiver.answer(200);
  while (receiver.received.length < 2) {
    await rig.refit('retrain', 'p');
    await delay(50);
  }
  expect(receiver.received.map((one) => one.body.id)).toEqual(['promotion:p:1', 'promotion:p:1']);
  expect((await rig.json(0, 'status')).notifications).toEqual([
    expect.objectContaining({ channel: 'chat', pending: 0, given_up: 0, problem: null }),
  ]);
});

it('limits the time it waits for a receiver that never answers', async () => {
  await using receiver = await createReceiver();
  using rig = watched(`notifications: { slow: { url: ${JSON.stringify(receiver.url)}, timeout: 100ms } }\n`);
  receiver.answer('hang');
  const trained = await rig.refit('retrain', 'p');
  expect(trained).toMatchObject({ exit: 0, stderr: expect.stringContaining('no answer in 100 ms') });
});

it('sends the notices of a process that was killed before it could send them', async () => {
  await using receiver = await createReceiver();
  using rig = watched('{}\n');
  await rig.json(0, 'retrain', 'p');
  rig.write({ 'refit.yaml': `notifications: { all: { url: ${JSON.stringify(receiver.url)} } }\n` });
  await rig.json(0, 'notify');
  expect(receiver.received).toEqual([]);
  rig.write({
    'in.txt': 'second',
    'train.sh': STEERED,
  });
  const killed = rig.start('trigger', 'p', '--event', 'landed', '--id', 'a');
  await rig.started('train');
  killed.kill('SIGKILL');
  await killed.ended;
  await rig.json(0, 'notify');
  expect(kindsOf(receiver)).toEqual(['decision']);
});

it('formats messages for each chat, and a column name cannot mention a whole channel', async () => {
  await using receiver = await createReceiver();
  const channel = (template: string): string =>
    `  ${template}: { url: ${JSON.stringify(receiver.url)}, template: ${template}, on: [rollback] }\n`;
  using rig = watched(`notifications:\n${['slack', 'teams', 'mattermost'].map(channel).join('')}`);
  await rig.json(0, 'retrain', 'p');
  rig.write({ 'in.txt': 'second' });
  await tell(rig, 'a');
  await rig.json(0, 'rollback', 'p', '--reason', '<!channel> @all & co');
  const bodies = receiver.received.map((one) => one.body);
  const [slack, teams, mattermost] = [
    bodies.find((one) => one.blocks !== undefined),
    bodies.find((one) => one.attachments !== undefined),
    bodies.find((one) => one.blocks === undefined && one.text !== undefined),
  ];
  expect(slack.text).toContain('p: rollback: p@1 serves now, in place of version 2: &lt;!channel&gt; @all &amp; co');
  expect(slack.blocks[1].elements[0].text).toContain('owner team@example.org');
  const [card] = teams.attachments;
  expect(card.contentType).toBe('application/vnd.microsoft.card.adaptive');
  expect(card.content.body[0]).toMatchObject({ type: 'TextBlock', text: 'p: rollback' });
  expect(mattermost.text).toContain('**p: rollback**');
  expect(mattermost.text).not.toContain('@all');
});

it('runs a command for each notice of the selected kinds and pipelines, with the notice in its environment', async () => {
  using rig = watched(`notifications:
  audit: { run: 'printf "%s %s %s\\n" "$REFIT_NOTICE_KIND" "$REFIT_NOTICE_PIPELINE" "$REFIT_NOTICE_ID" >> audit.log', on: [promotion, gate] }
  other: { run: 'touch other', pipelines: [q] }
`);
  await rig.json(0, 'retrain', 'p');
  expect(rig.read('audit.log')).toMatch(/^gate p gate:p@1:\d+\npromotion p promotion:p:1\n$/);
  expect(rig.has('other')).toBe(false);
  rig.write({ 'refit.yaml': 'notifications: { audit: { run: "echo no >&2; exit 3" } }\n' });
  const tried = await rig.json(1, 'notify', 'audit', '--test');
  expect(tried.notifications).toEqual([expect.objectContaining({ channel: 'audit', problem: 'it exited with 3: no' })]);
});

it('sends a heartbeat after every tick, and shows a failed heartbeat in status', async () => {
  await using receiver = await createReceiver();
  using rig = watched(`heartbeat: ${JSON.stringify(receiver.url)}\n`);
  await rig.json(0, 'retrain', 'p');
  await rig.json(0, 'run', 'p');
  await rig.json(0, 'retrain', 'p');
  expect(receiver.received.map((one) => one.method)).toEqual(['GET', 'GET']);
  receiver.answer(503);
  expect((await rig.refit('retrain', 'p')).exit).toBe(0);
  expect((await rig.refit('status')).stdout).toContain('heartbeat fails it answered 503');
});

it('reports all errors of refit.yaml with their positions at once', async () => {
  using rig = watched(
    'notifications:\n  a: { on: [hold] }\n  b: { url: "ftp://x", run: ls }\n  c: { url: x, on: [drfit] }\nheartbeat: { every: 1h }\n',
  );
  expect((await rig.refit('run', 'p')).exit).toBe(2);
  // A tick continues without notifications and warns that none were sent.
  const tick = await rig.refit('trigger', 'p', '--event', 'landed', '--id', 'a', '--no-retrain');
  expect(tick).toMatchObject({ exit: 0, stderr: expect.stringContaining('no notifications are sent') });
  const ended = await rig.refit('validate');
  expect(ended.exit).toBe(2);
  for (const words of [
    'it does not say where to',
    'one of them',
    'begins with https://',
    'drfit',
    'unknown key "every"',
  ])
    expect(ended.stderr).toContain(words);
});

it('sends a hold, drift and missing data once, not at every tick', async () => {
  const rows = (from: string, days: number, scale: number): string =>
    Array.from({ length: days * 40 }, (_, i) => {
      const at = new Date(Date.parse(from) + i * 2_160_000).toISOString().slice(0, 19);
      return `${at},${(100 + ((i * 7919) % 1000)) * scale}\n`;
    }).join('');
  using rig = watched(
    `notifications: { audit: { run: 'echo "$REFIT_NOTICE_KIND $REFIT_NOTICE_SUMMARY" >> audit.log', on: [hold, drift] } }\n`,
  );
  rig.write({
    'data/1.csv': `at,size\n${rows('2026-01-01', 31, 1)}`,
    'pipelines/p.yaml': `${PIPELINE.replace('in.txt]', 'in.txt, "${{ datasets.rows }}"]').replace('outputs: [p.model]', 'outputs: [p.model, rows.csv]')}
datasets: { rows: { path: "data/*.csv", time: at, checks: { freshness: 2d } } }
monitor: { reference: rows.csv, current: { dataset: rows, window: 14d } }
`,
    'train.sh': 'cp in.txt p.model; cat data/1.csv > rows.csv',
  });
  await rig.json(0, 'retrain', 'p', '--now', '2026-02-01');
  rig.write({ 'data/2.csv': `at,size\n${rows('2026-02-01', 20, 1.4)}` });
  for (const day of [16, 17]) await rig.json(0, 'retrain', 'p', '--now', `2026-02-${day}`);
  for (const day of [25, 26]) await rig.json(4, 'retrain', 'p', '--now', `2026-02-${day}`);
  expect(rig.read('audit.log').match(/^(\w+)/gm)).toEqual(['drift', 'hold']);
});

it('sends once that a candidate waits for approval, and how to answer', async () => {
  await using receiver = await createReceiver();
  using rig = watched(`notifications: { all: { url: ${JSON.stringify(receiver.url)}, on: [gate, promotion] } }\n`);
  rig.write({ 'pipelines/p.yaml': PIPELINE.replace('first: accept', 'first: accept, approval: manual') });
  await rig.json(0, 'retrain', 'p');
  await rig.json(0, 'retrain', 'p');
  expect(receiver.received.map((one) => one.body.summary)).toEqual([
    'p@1 passed the gate',
    expect.stringContaining('waits for approval: refit approve p@1'),
  ]);
  await rig.json(0, 'approve', 'p@1', '--reason', 'looks right');
  expect(receiver.received.at(-1)?.body).toMatchObject({
    kind: 'promotion',
    facts: { reason: 'approved: looks right' },
  });
});

it('keeps the order of a channel while a notice waits for a retry; a notice that keeps failing blocks nothing', async () => {
  await using receiver = await createReceiver();
  using rig = watched(`notifications: { all: { url: ${JSON.stringify(receiver.url)} } }\n`);
  receiver.answer(500);
  await rig.json(0, 'retrain', 'p');
  expect(kindsOf(receiver)).toEqual(['decision']);
  receiver.answer(200);
  const lastTried = (at: string): void => rig.update(`UPDATE notice_attempt SET started_at = '${at}'`);
  lastTried('2999-01-01T00:00:00.000Z');
  await rig.json(0, 'notify');
  expect(kindsOf(receiver)).toEqual(['decision']);
  lastTried('2000-01-01T00:00:00.000Z');
  await rig.json(0, 'notify');
  expect(kindsOf(receiver)).toEqual(['decision', 'decision', 'gate', 'promotion']);
  receiver.answer(400);
  rig.write({ 'in.txt': 'second' });
  await tell(rig, 'a');
  const [first] = rig.query('SELECT notice FROM notice_attempt ORDER BY id DESC LIMIT 1');
  for (let i = 0; i < 5; i++)
    rig.update(`INSERT INTO notice_attempt(notice, channel, started_at, ended_at, problem)
      VALUES ('${first.notice}', 'all', '2000-01-01T00:00:00.000Z', '2000-01-01T00:00:00.000Z', 'it answered 400')`);
  receiver.answer(200);
  await rig.json(0, 'notify');
  expect(kindsOf(receiver).slice(-2)).toEqual(['gate', 'promotion']);
});
