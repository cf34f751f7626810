/** A part of a URL without its percent encoding. A `%` that begins no code stands for itself. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
