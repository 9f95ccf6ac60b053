import type { ConfigProblem } from "../config/problem.ts";
export async function formatProblems(file: string, problems: readonly ConfigProblem[]): Promise<string> {
  return problems.map((p) => `${file}:${p.line ?? ""}  ${p.severity}  ${p.path}: ${p.message}; ${p.fix}\n`).join("");
}
