import type { Failure } from '../domain/failure.js';
import type { WorkspacePath } from '../domain/ids.js';
import type { Services } from '../domain/ports/services.js';
import type { Run } from '../domain/runs/run.js';
import { err, ok, type Result } from '../domain/support/result.js';
import type { View } from '../domain/view.js';
import { findVersion } from '../models/find-version.js';
import { type CardWords, cardView } from './views/card-view.js';
import { storyOfVersion } from './why.js';

/** The model card of a version, in Markdown. For a pipeline: the card of its model's champion or newest version. */
export async function reportCard(services: Services, subject: string): Promise<Result<View, Failure>> {
  const { models, runs } = services.registry;
  const made = models.names().find((model) => {
    const newest = models.versions(model).at(-1);
    return newest !== undefined && runs.get(newest.run)?.pipeline === subject;
  });
  const version = findVersion(services, subject) ?? (made === undefined ? undefined : findVersion(services, made));
  if (version === undefined)
    return err({
      code: 'not-found',
      what: 'model version',
      name: subject,
      available: models.names(),
      next: 'name a pipeline that has made a model, or model[@version|@champion]',
    });
  const story = await storyOfVersion(services, version);
  return ok(cardView(story, await wordsOf(services, story.run)));
}

/** Description and owner, read from the pipeline text that the run used. */
async function wordsOf({ registry }: Pick<Services, 'registry'>, run: Run): Promise<CardWords> {
  const text = registry.runs.definition(run.definitionHash);
  if (text === undefined) return {};
  const { parsePipeline } = await import('../pipeline/parse/parse-pipeline.js');
  const { pipeline } = parsePipeline(run.file as WorkspacePath, text, { isElsewhere: true });
  return {
    description: pipeline?.description === undefined ? undefined : pipeline.description,
    owner: pipeline?.owner === undefined ? undefined : pipeline.owner,
  };
}
