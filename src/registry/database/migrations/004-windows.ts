/** What each check saw of its window, compactly: how a column moves over time is read from these. One row a moment. */
export const WINDOWS = `
CREATE TABLE window_profile(
  pipeline TEXT NOT NULL, window_end TEXT NOT NULL, profile_json TEXT NOT NULL,
  PRIMARY KEY (pipeline, window_end)) STRICT, WITHOUT ROWID;
`;
