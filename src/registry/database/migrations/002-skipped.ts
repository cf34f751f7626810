/**
 * A skipped execution is one row that refers to the execution whose result it reuses; it copies nothing. An index finds
 * remembered executions without scanning history.
 */
export const SKIPPED = `
CREATE INDEX execution_remembered ON step_execution(pipeline, step) WHERE is_remembered = 1;
CREATE INDEX execution_last_good ON step_execution(pipeline, step, id) WHERE fingerprint IS NOT NULL;
`;
