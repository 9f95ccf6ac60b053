import { EC2Client } from "@aws-sdk/client-ec2";
import type { AwsEmulator } from "./emulator.ts";

/** A real EC2 client with a user's key, which tries once so that a test sees what the cloud said. */
export function sdkClient(emulator: AwsEmulator, overrides: { readonly region?: string } = {}): EC2Client {
  return new EC2Client({
    endpoint: emulator.endpoint,
    region: overrides.region ?? emulator.region,
    credentials: emulator.cloud.user,
    maxAttempts: 1,
  });
}

/** The code with which a call was refused; fails when it was not. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  return (await failure(call)).name;
}

export async function failure(call: Promise<unknown>): Promise<Error> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("the call succeeded");
}
