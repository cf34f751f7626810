/** The rows that a training read and why, and what a decision knew about changes. Only where a dataset has a window. */
export const TRAINING_WINDOW = `
ALTER TABLE run ADD COLUMN windows_json TEXT;
ALTER TABLE decision_conditions ADD COLUMN windows_json TEXT;
`;
