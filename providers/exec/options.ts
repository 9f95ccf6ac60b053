import { isAbsolute } from "node:path";
import * as z from "zod";

/** Options of `provider: { name: exec }`. */
export const execOptions = z.strictObject({
  command: z
    .array(z.string().min(1))
    .min(1)
    .refine((command) => isAbsolute(command[0] ?? ""), "the program must be an absolute path")
    .meta({
      description: "The program, as an absolute path, and its arguments.",
      why: "No shell reads it, so nothing needs quoting and nothing is expanded.",
    }),
  kind: z.enum(["move", "claim"]).default("move").meta({
    description:
      "`move` when the program moves the address; `claim` when gratuitous ARP does and the program only prepares.",
  }),
  timeout: z.number().min(0.1).max(300).default(10).meta({
    description: "Seconds that one run may take before it is ended.",
  }),
});

export type ExecOptions = z.output<typeof execOptions>;
