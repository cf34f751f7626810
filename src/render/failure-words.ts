export interface FailureText {
  readonly what: string;
  /** Lines that show where: a log's tail, the lines to add. */
  readonly lines?: readonly string[];
  readonly next: string;
}
