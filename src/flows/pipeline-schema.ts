/** The JSON schema of the pipeline file. */
export { pipelineJsonSchema } from '../pipeline/schema.js';
