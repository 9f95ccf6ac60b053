/** Answers that several checks need and a cloud is asked for once: the first who asks begins, and the others share it. */
export class AskedOnce {
  readonly #answers = new Map<string, Promise<unknown>>();

  /** `name` stands for the question, its type included. */
  ask<T>(name: string, question: () => Promise<T>): Promise<T> {
    const answer = (this.#answers.get(name) as Promise<T> | undefined) ?? question();
    this.#answers.set(name, answer);
    return answer;
  }
}
