import * as z from "zod";
import { shownName } from "./name.ts";
import { globalSchema } from "./schema-global.ts";
import { instanceSchema } from "./schema-instance.ts";
import { notifySchema } from "./schema-notify.ts";
import { syncGroupSchema } from "./schema-sync-group.ts";
import { trackerSchema } from "./schema-track.ts";

/** The key of `vrrp_instance`: what logs, status and `cloudvip handover` call the instance. */
const instanceName = shownName("a name of 1 to 64 visible characters", {
  description: "The name of the instance.",
  why: "It need not be the same on every node, but that helps the reader.",
});

/** The key of `vrrp_sync_group`. */
const groupName = shownName("a name of 1 to 64 visible characters", {
  description: "The name of the sync group.",
  why: "Logs, messages and scripts say it.",
});

/** The key of `track`. */
const trackerName = shownName("a name of 1 to 64 visible characters", {
  description: "The name of the tracker.",
  why: "Logs and messages say it when the tracker goes down.",
});

/**
 * A whole configuration file, as YAML or as the keepalived reader hands it over. Types, ranges, defaults and prose are
 * here; what concerns several options at once is in `rules.ts`.
 */
export const configSchema = z
  .strictObject({
    global_defs: globalSchema.nullish(),
    track: z
      .record(trackerName, trackerSchema)
      .meta({
        description:
          "Trackers by name: what has to be well on this node. Each looks at exactly one thing; the instances say which of them concern them.",
        expects: "a map of trackers by name, such as chk_nginx: { tcp: 127.0.0.1:80 }",
      })
      .nullish(),
    vrrp_instance: z
      .record(instanceName, instanceSchema)
      .refine((instances) => Object.keys(instances).length > 0, {
        params: { fix: "write at least one instance with its name as the key, such as VI_1:" },
        error: "there is no instance",
      })
      .meta({
        description: "The instances by name, at least one.",
        expects: "a map of instances by name, such as VI_1: followed by its options, indented",
      }),
    vrrp_sync_group: z
      .record(groupName, syncGroupSchema)
      .meta({
        description: "Sync groups by name: instances that are MASTER together, or not at all.",
        expects: "a map of groups by name, such as VG1: { group: [VI_1, VI_2] }",
      })
      .nullish(),
    notify: notifySchema.nullish(),
  })
  .meta({
    title: "cloudvip configuration",
    description: "The configuration of cloudvip, the failover agent for cloud servers.",
    expects: "a map with vrrp_instance, and global_defs if wanted",
  });

/** A checked file with its constant defaults filled in; durations are milliseconds, addresses canonical. */
export type ConfigDocument = z.output<typeof configSchema>;

export type TrackerDocument = NonNullable<ConfigDocument["track"]>[string];

export type SyncGroupDocument = NonNullable<ConfigDocument["vrrp_sync_group"]>[string];

export type InstanceDocument = ConfigDocument["vrrp_instance"][string];
