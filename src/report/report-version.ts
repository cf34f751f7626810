import type { Failure } from '../domain/failure.js';
import type { WorkspacePath } from '../domain/ids.js';
import type { Services } from '../domain/ports/services.js';
import type { Run } from '../domain/runs/run.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { storyOfVersion } from '../lineage/why.js';
import { findVersion } from '../models/find-version.js';
import type { ReportDocument } from './views/document.js';
import { type CardWords, versionDocument } from './views/version-document.js';

/** The model card of a version. For a pipeline: the card of its model's champion or newest version. */
export async function reportVersion(services: Services, subject: string): Promise<Result<ReportDocument, Failure>> {
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
  return ok(versionDocument(story, await wordsOf(services, story.run)));
}

/** Description and owner, read from the pipeline text that the run used. */
async function wordsOf({ registry }: Pick<Services, 'registry'>, run: Run): Promise<CardWords> {
  const text = registry.runs.definition(run.definitionHash);
  if (text === undefined) return {};
  const { parsePipeline } = await import('../pipeline/parse/parse-pipeline.js');
  const { pipeline } = parsePipeline(run.file as WorkspacePath, text, { isElsewhere: true });
  return { description: pipeline?.description, owner: pipeline?.owner };
}
