import * as z from "zod";
import { duration } from "./duration.ts";
import { type Reading, readText } from "./option.ts";

/** `provider`: which cloud is told, and how often it is asked. What only one provider understands is left unread. */
export const providerShape = {
  name: readText(
    "aws, huaweicloud, exec, an installed npm package, or the absolute path of a module",
    readProviderName,
    {
      description: "The cloud that moves the addresses: aws, huaweicloud, or exec for a program of your own.",
      why: "An npm package or the absolute path of a module works too.",
      example: "aws",
    },
  ),
  verify_interval: duration(
    { min: 0.1, max: 3600 },
    {
      description: "How often a MASTER asks the cloud whether the addresses still come here, and repairs.",
      why: "Each time costs one or a few API calls, and clouds limit their rate.",
    },
  ).prefault(10),
  consistency_window: duration(
    { min: 0, max: 600 },
    {
      description: "For so long after a claim an answer that contradicts it counts as not known yet.",
      why: "Clouds show a change a moment after they made it.",
    },
  ).prefault(5),
  rehearse_interval: duration(
    { min: 1, max: 86_400 },
    {
      description: "How often a BACKUP tries whether it could take over: credentials, permissions, limits.",
      why: "It moves nothing; a role that lost a permission shows before the failover that needs it.",
    },
  ).prefault("5m"),
};

export const providerSchema = z
  .object(providerShape)
  .catchall(
    z.unknown().meta({
      description:
        "Every other option belongs to the provider itself, such as mechanism; providers/NAME/README.md lists them, and `cloudvip check` knows them.",
    }),
  )
  .meta({
    description: "The cloud that sends the traffic of the virtual addresses to the MASTER.",
    why: "Without it gratuitous ARP alone moves them, which most clouds ignore.",
    defaultText: "none",
    expects: "a map such as { name: aws, mechanism: secondary-ip }",
  });

/** A path must be absolute, since the agent has no folder of its own; other letters belong to no package's name. */
function readProviderName(value: string): Reading<string> {
  const isPackage = /^(@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*(\/[\w.~-]+)*$/i.test(value);
  if (isPackage || /^\/[^\p{C}]+$/u.test(value)) return { ok: true, value };
  const shown = JSON.stringify(value.slice(0, 60));
  return value.startsWith(".")
    ? { ok: false, message: `${shown} is no absolute path`, fix: "write a path that begins with /" }
    : {
        ok: false,
        message: `${shown} is no provider`,
        fix: "write aws, huaweicloud, exec, the name of an installed npm package, or the absolute path of a module",
      };
}
