import { stringify } from "yaml";
import { mapForm, type OptionNode, optionTree } from "./option-tree.ts";

/** Comments are wrapped here, so that the file reads well in a terminal of 100 columns. */
const WIDTH = 98;
const INDENT = "  ";
/** The one instance of the reference file. */
const SAMPLE_INSTANCE = "VI_1";
const SAMPLE_GROUP = "VG1";
const SAMPLE_CHANNEL = "ops";
/** The one tracker, and what it looks at. */
const SAMPLE_TRACKER = "chk_nginx";
const SAMPLE_TARGET = "http";

const INTRODUCTION = [
  "Every option of cloudvip with its default. Options that are commented out show what holds without them.",
  "As it stands, this is a working file for one node of a pair: 10.0.0.5 is the other node, 10.0.0.10 the address that they share. `cloudvip check --config FILE` reports every mistake in a file with its line.",
  'Durations: a number is seconds, as in keepalived; text carries a unit, "30ms", "1.5s", "2m" or "1h".',
  "This file is made from the schema in src/config; `npm run docs` writes it anew.",
];

/** The commented reference file, `conf/cloudvip.yaml`. */
export function renderReference(): string {
  const tree = optionTree();
  const { global_defs: globals, track: trackers, vrrp_instance: instances, ...more } = tree.properties ?? {};
  const { vrrp_sync_group: groups, notify } = more;
  const introduction = INTRODUCTION.flatMap((paragraph) => [...comment(paragraph, 0), "#"]).slice(0, -1);
  const lines = [
    ...introduction,
    "",
    ...(globals ? renderMap("global_defs", globals) : []),
    "",
    ...(trackers ? renderTrackers(trackers) : []),
    "",
    ...(instances ? renderInstances(instances) : []),
    "",
    ...(groups ? renderGroups(groups) : []),
    "",
    ...(notify ? renderNotify(notify) : []),
  ];
  return `${lines.join("\n")}\n`;
}

function renderInstances(instances: OptionNode): readonly string[] {
  const instance = instances.additionalProperties;
  if (!instance) return [];
  return [
    ...comment(instances.description ?? "", 0),
    "vrrp_instance:",
    ...renderMap(SAMPLE_INSTANCE, instance).map((line) => indent(line)),
  ];
}

/** Commented out as a whole: there is one instance only. */
function renderGroups(groups: OptionNode): readonly string[] {
  const form = mapForm(groups);
  const group = form?.additionalProperties;
  if (!group) return [];
  const lines = ["vrrp_sync_group:", ...renderMap(SAMPLE_GROUP, group).map(indent)];
  return [...comment(form.description ?? "", 0), ...lines.map((line) => `# ${line}`.trimEnd())];
}

/** Commented out as a whole: a receiver has an address that nobody knows here. */
function renderNotify(notify: OptionNode): readonly string[] {
  const form = mapForm(notify);
  const { channels, ...others } = form?.properties ?? {};
  const channel = channels?.additionalProperties;
  if (!form || !channels || !channel) return [];
  const { properties: _, ...block } = form;
  const lines = [
    ...renderMap("notify", { ...block, properties: others }),
    "",
    ...[
      ...comment(channels.description ?? "", 1),
      "channels:",
      ...renderMap(SAMPLE_CHANNEL, channel).map(indent),
    ].map(indent),
  ];
  return lines.map((line) => (line === "" ? "#" : line.startsWith("#") ? line : `# ${line}`));
}

/** Commented out as a whole, since this file is to work as it stands; without the first `# ` it is a sound tracker. */
function renderTrackers(trackers: OptionNode): readonly string[] {
  const form = mapForm(trackers);
  const tracker = form?.additionalProperties;
  if (!tracker) return [];
  const lines = ["track:", ...renderMap(SAMPLE_TRACKER, tracker, SAMPLE_TARGET).map((line) => indent(line))];
  return [
    ...comment(form.description ?? trackers.description ?? "", 0),
    ...lines.map((line) => `# ${line}`.trimEnd()),
  ];
}

/** A map that is written out with everything in it; `live` is an option that stands for those it excludes. */
function renderMap(name: string, map: OptionNode, live?: string): readonly string[] {
  const form = mapForm(map);
  const options = Object.entries(form?.properties ?? {}).map(([option, node]) =>
    renderOption(option, node, {
      required: form?.required?.includes(option) ?? false,
      live: option === live,
    }),
  );
  return [
    ...comment(map.description ?? form?.description ?? "", 0),
    `${name}:`,
    ...options.flatMap((lines, index) => (index === 0 ? lines : ["", ...lines])).map((line) => indent(line)),
  ];
}

function renderOption(
  name: string,
  node: OptionNode,
  { required, live }: { readonly required: boolean; readonly live: boolean },
): readonly string[] {
  const prose = [node.description, node.why].filter((text) => text !== undefined).join(" ");
  const body = node.properties
    ? renderNestedMap(name, node)
    : stringify({ [name]: sampleValue(node) })
        .trimEnd()
        .split("\n");
  // What has a default and still an example needs a value of the operator's, such as the list of addresses.
  const isLive = live || required || (node.default !== undefined && node.example !== undefined);
  return [
    ...comment(prose, 1),
    ...comment(
      `${capitalise(node.expects ?? "")}. ${required ? "Required." : `Default: ${defaultWords(node)}.`}`,
      1,
    ),
    ...(isLive ? body : body.map((line) => `# ${line}`)),
  ];
}

/** A map that is commented out as a whole; within it, what has no constant default is commented out once more. */
function renderNestedMap(name: string, node: OptionNode): readonly string[] {
  const isSampled = (option: string, inner: OptionNode) =>
    inner.default !== undefined || node.required?.includes(option);
  const options = Object.entries(node.properties ?? {}).flatMap(([option, inner]) => [
    ...comment([inner.description, inner.why].join(" "), 2),
    `${isSampled(option, inner) ? "" : "# "}${stringifyPair(option, sampleValue(inner))}`,
  ]);
  const more = (node.additionalProperties || undefined)?.description;
  return [`${name}:`, ...[...options, ...(more ? comment(more, 2) : [])].map((line) => indent(line))];
}

/** On one line: `sysctl: { net.ipv4.ip_forward: 1 }`. */
function stringifyPair(option: string, value: unknown): string {
  return `${option}: ${stringify(value, { collectionStyle: "flow" }).trimEnd()}`;
}

function sampleValue(node: OptionNode): unknown {
  return node.example ?? node.default;
}

function defaultWords(node: OptionNode): string {
  if (node.defaultText !== undefined) return node.defaultText;
  if (node.properties) return "as shown";
  if (node.default === undefined || (Array.isArray(node.default) && node.default.length === 0)) return "none";
  return stringify(node.default).trimEnd();
}

function comment(text: string, depth: number): readonly string[] {
  const limit = WIDTH - 2 - INDENT.length * depth;
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > limit) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.map((line) => `# ${line}`);
}

function indent(line: string): string {
  return line === "" ? "" : `${INDENT}${line}`;
}

function capitalise(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
