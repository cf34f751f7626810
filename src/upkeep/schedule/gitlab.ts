import { Document } from 'yaml';
import { jobScript } from './job-script.js';
import { cronExpression, nameOf, type Schedule, shellWord } from './schedule.js';

/** A job for `.gitlab-ci.yml`. GitLab keeps the times themselves in its pages, so a comment names them. */
export function gitlabJob(schedule: Schedule): string {
  const name = nameOf(schedule);
  const document = new Document({
    [name]: {
      image: 'node:22',
      rules: [{ if: '$CI_PIPELINE_SOURCE == "schedule"' }],
      resource_group: name,
      script: [
        ...(schedule.folder === '.' ? [] : [`cd ${shellWord(schedule.folder)}`]),
        'npm ci',
        jobScript(schedule, 'npx refit').join('\n'),
      ],
    },
  });
  document.commentBefore = ` Build > Pipeline schedules > New schedule: ${cronExpression(schedule)}, timezone UTC`;
  return document.toString({ lineWidth: 0 });
}
