/** Cuts a stream of text into lines, whatever pieces it comes in. */
export class LineReader {
  #unfinished = "";

  /** Takes the next piece and returns the lines that it completed. */
  feed(text: string): readonly string[] {
    const lines = (this.#unfinished + text).split("\n");
    this.#unfinished = lines.pop() ?? "";
    return lines;
  }
}
