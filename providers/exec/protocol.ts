/**
 * What is written to the program and read from it, version 1. One run, one JSON object each way. Fields that we do not know
 * are ignored, so that a program may say more than is asked.
 */
import * as z from "zod";
import type { IpAddress } from "../../src/base/ip.ts";
import { parseIp } from "../../src/base/ip.ts";

export const PROTOCOL_VERSION = 1;

export type ExecOperation = "identify" | "claim" | "owner" | "rehearse" | "preflight";

/** One line of JSON on the program's stdin. */
export interface ExecRequest {
  readonly version: typeof PROTOCOL_VERSION;
  readonly operation: ExecOperation;
  /** Empty for `identify`. */
  readonly vips: readonly IpAddress[];
  /** The peers' own addresses; with `preflight` only. */
  readonly peers?: readonly IpAddress[];
  readonly interface: string;
  readonly hardware_address: string;
  readonly source_address: IpAddress;
  /** The program is ended after this many milliseconds. */
  readonly timeout_ms: number;
}

const address = z.string().transform((text, context): IpAddress => {
  const parsed = parseIp(text);
  if (parsed) return parsed;
  context.addIssue({ code: "custom", message: `"${text}" is no IP address` });
  return z.NEVER;
});

/** A refusal, in the place of any answer. */
export const errorAnswer = z.object({
  error: z.object({
    kind: z.enum(["throttled", "denied", "conflict", "not-found", "unreachable", "misconfigured"]),
    message: z.string().min(1),
    hint: z.string().min(1).optional(),
    retry_after_ms: z.number().nonnegative().optional(),
  }),
});

export const identifyAnswer = z.object({
  instance: z.string().min(1),
  network_interface: z.string().min(1),
  subnet: z.string().optional(),
  zone: z.string().optional(),
  region: z.string().optional(),
  /** The program knows the question `preflight`. */
  preflight: z.boolean().default(false),
});

export const claimAnswer = z.object({ claimed: z.literal(true) });

export const ownerAnswer = z.object({
  owners: z.array(
    z.discriminatedUnion("owner", [
      z.object({ vip: address, owner: z.enum(["mine", "nobody"]) }),
      z.object({
        vip: address,
        owner: z.literal("other"),
        holder: z.string().min(1),
        addresses: z.array(address).default([]),
        stopped: z.boolean().default(false),
      }),
      z.object({ vip: address, owner: z.literal("unknown"), why: z.string().min(1) }),
    ]),
  ),
});

export const rehearseAnswer = z.object({
  ready: z.boolean(),
  obstacles: z
    .array(z.object({ code: z.string().optional(), message: z.string().min(1), hint: z.string().optional() }))
    .default([]),
  credentials_expire: z.string().optional(),
});

export const preflightAnswer = z.object({
  /** What was looked at, for people; of use when nothing was found. */
  note: z.string().default("it looked"),
  findings: z
    .array(
      z.object({
        code: z.string().min(1).optional(),
        severity: z.enum(["failure", "warning", "info"]).optional(),
        message: z.string().min(1),
        evidence: z.array(z.string()).default([]),
        consequence: z.string().min(1).default("a failover may fail"),
        /** What to do, for people. */
        fix: z.string().min(1).optional(),
      }),
    )
    .default([]),
});
