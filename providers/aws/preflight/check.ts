import type { AskedCheck, FixCall } from "../../../src/provider/preflight.ts";
import type { Send } from "../ec2.ts";
import type { Facts } from "./facts.ts";

export type AwsCheck = AskedCheck<Facts>;

/** A repair as a call of the EC2 API, with the input as it is sent. */
export function fixCall(
  { context }: Facts,
  operation: string,
  parameters: FixCall["parameters"],
  send: Send<unknown>,
): FixCall {
  return {
    operation: `ec2:${operation}`,
    parameters,
    apply: async (signal) => {
      await context.ec2.call(operation, send, signal);
    },
  };
}

/** The same on a command line, with the region, since it may run anywhere. */
export function awsCommand({ identity }: Facts, ...words: readonly string[]): readonly string[] {
  return ["aws", "ec2", ...words, "--region", identity.region];
}
