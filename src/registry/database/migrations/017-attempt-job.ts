/** The job of an attempt that an engine outside this machine runs: which engine, its name for the job, and the node. */
export const ATTEMPT_JOB = `
ALTER TABLE attempt ADD COLUMN job_json TEXT;
`;
