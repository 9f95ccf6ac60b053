import { OperatorError } from "../base/errors.ts";

/** One frame of a capture file, as the file gives it. */
export interface CapturedFrame {
  /** Microseconds since 1970, UTC; null where the file keeps no time. */
  readonly timeMicros: number | null;
  /** What the frame begins with: a LINKTYPE_ value of the registry that tcpdump.org keeps. */
  readonly linkType: number;
  /** What was captured, a view into the file. */
  readonly bytes: Uint8Array;
  /** Whether the frame was longer than what was captured of it. */
  readonly cut: boolean;
}

/** A file that cannot be read as a capture, or not to its end. */
export function captureFileError(message: string, hint: string): OperatorError {
  return new OperatorError({ code: "watch/bad-capture-file", message, hint });
}

/** The file stops in the middle of something, as it does when its writer was killed or a copy was not finished. */
export function endsEarly(where: string): OperatorError {
  return captureFileError(
    `the capture file ends in the middle of ${where}`,
    "What stands before it was read. Copy the file again, or end the capture with Ctrl-C before you copy it.",
  );
}

/** The file says something that no capture program writes. */
export function damaged(where: string): OperatorError {
  return captureFileError(
    `the capture file is damaged: ${where}`,
    "What stands before it was read. Copy the file again, in binary mode.",
  );
}
