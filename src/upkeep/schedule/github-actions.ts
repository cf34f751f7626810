import { Document } from 'yaml';
import { jobScript } from './job-script.js';
import { cronExpression, nameOf, type Schedule } from './schedule.js';

/** GitHub starts a workflow every five minutes at most. */
const MOST_PER_HOUR = 12;
const EVERY_FIVE = Array.from({ length: MOST_PER_HOUR }, (_, i) => i * 5);

/** A workflow, to be committed as `.github/workflows/<name>.yml`. */
export function githubActionsWorkflow(schedule: Schedule): string {
  const name = nameOf(schedule);
  const coarse = schedule.minutes.length > MOST_PER_HOUR ? { minutes: EVERY_FIVE } : schedule;
  const secret = (variable: string) => `\${{ secrets.${variable} }}`;
  const env = {
    AWS_ACCESS_KEY_ID: secret('AWS_ACCESS_KEY_ID'),
    AWS_SECRET_ACCESS_KEY: secret('AWS_SECRET_ACCESS_KEY'),
  };
  const workflow = {
    name,
    on: { schedule: [{ cron: cronExpression(coarse) }], workflow_dispatch: {} },
    permissions: { contents: 'read' },
    // A run that waits is replaced by a newer one; the one that works is not stopped.
    concurrency: { group: name, 'cancel-in-progress': false },
    jobs: {
      retrain: {
        'runs-on': 'ubuntu-latest',
        ...(schedule.folder === '.' ? {} : { defaults: { run: { 'working-directory': schedule.folder } } }),
        ...(schedule.remote?.isS3 === true ? { env } : {}),
        steps: [
          { uses: 'actions/checkout@v4' },
          { uses: 'actions/setup-node@v4', with: { 'node-version': 22 } },
          { run: 'npm ci' },
          { run: `${jobScript(schedule, 'npx refit').join('\n')}\n`, shell: 'bash' },
        ],
      },
    },
  };
  const document = new Document(workflow);
  document.commentBefore = ` .github/workflows/${name}.yml; times of GitHub are UTC`;
  return document.toString({ lineWidth: 0 });
}
