/** Compact statistics of the window of each check, from which the trend of a column is read. One row per time. */
export const WINDOWS = `
CREATE TABLE window_profile(
  pipeline TEXT NOT NULL, window_end TEXT NOT NULL, profile_json TEXT NOT NULL,
  PRIMARY KEY (pipeline, window_end)) STRICT, WITHOUT ROWID;
`;
