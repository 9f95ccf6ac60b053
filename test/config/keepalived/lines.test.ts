// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is what keepalived writes
import { describe, expect, it } from "vitest";
import { logicalLines } from "./reading.ts";

/** Each row: what it shows, the text, the lines that come out. */
const ROWS: readonly (readonly [string, string, readonly string[]])[] = [
  ["a comment begins at #", "state MASTER # first", ["state MASTER"]],
  ["a comment begins at !", "! Configuration File\npriority 5", ["priority 5"]],
  ["a comment needs no blank in front", "priority 5#6", ["priority 5"]],
  ["double quotes protect # and !", 'auth_pass "a#b!c"', ['auth_pass "a#b!c"']],
  ["single quotes do not protect #", "auth_pass 'a#b'", ["auth_pass 'a"]],
  ["a backslash saves # and !", "auth_pass a\\#b\\!c", ["auth_pass a#b!c"]],
  ["a backslash within double quotes stays", 'auth_pass "a\\#b"', ['auth_pass "a\\#b"']],
  ["// and ; are ordinary text", "state BACKUP; // x", ["state BACKUP; // x"]],
  ["carriage returns are stripped", "priority 5\r\nadvert_int 1\r\r\n", ["priority 5", "advert_int 1"]],
  ["tabs and blanks around a line are stripped", "\t  priority 5 \t", ["priority 5"]],
  ["blank lines and lines of comment vanish", "\n  \n# x\n\t! y\n", []],
  [
    "a one-line block is split at its braces",
    "virtual_ipaddress { 192.0.2.1/24 }",
    ["virtual_ipaddress", "{", "192.0.2.1/24", "}"],
  ],
  ["braces need no blanks", "global_defs{router_id x}", ["global_defs", "{", "router_id x", "}"]],
  [
    "an opening brace may stand on the next line",
    "authentication\n{ auth_type PASS\n}",
    ["authentication", "{", "auth_type PASS", "}"],
  ],
  ["braces in double quotes are text", 'router_id "a { b }" }', ['router_id "a { b }"', "}"]],
  [
    "a comment behind a brace is none of the block",
    "unicast_peer { # peers\n192.0.2.2\n}",
    ["unicast_peer", "{", "192.0.2.2", "}"],
  ],
  ["@ID holds on the node with that id", "@node-a priority 5\n@node-b priority 6", ["priority 5"]],
  ["@^ID holds on all other nodes", "@^node-a priority 5\n@^node-b priority 6", ["priority 6"]],
  ["a condition without a rest is dropped", "@node-a\n@^node-b", []],
  [
    "a condition holds behind a brace as well",
    "vrrp_instance A { @node-b state MASTER",
    ["vrrp_instance A", "{"],
  ],
  ["only the first condition of a line is one", "@node-a @node-a x", ["@node-a x"]],
  ["a definition is put in with braces", "$N=5\neth${N}.1", ["eth5.1"]],
  [
    "a definition is put in before a blank, a comma, a parenthesis and the end",
    "$N=5\n($N,$N) $N x $N",
    ["(5,5) 5 x 5"],
  ],
  ["a name that goes on is another name", "$N=5\n$NO$N", ["$NO5"]],
  ["an unknown name stays", "interface ${NIC} $OTHER", ["interface $", "{", "NIC", "}", "$OTHER"]],
  ["a blank before = makes no definition", "$N =5", ["$N =5"]],
  ["a name may not begin with a digit", "$9=5", ["$9=5"]],
  ["a definition may be empty", "$N=\nx${N}y $N", ["xy"]],
  ["a definition may be made anew", "$N=1\nx $N\n$N=2\nx $N", ["x 1", "x 2"]],
  ["a definition is put in late", "$A=<${B}>\n$B=1\nx $A\n$B=2\nx $A", ["x <1>", "x <2>"]],
  ["a definition may hold a condition", "$MINE=@node-a\n$YOURS=@node-b\n$MINE x\n$YOURS y", ["x"]],
  ["a definition may hold braces", "$B=foo {\n$B\n}", ["foo", "{", "}"]],
  [
    "a conditional definition counts for its node only",
    "$P=1\n@node-b $P=2\n@node-a $Q=3\nx $P $Q",
    ["x 1 3"],
  ],
  ["a definition is put into double quotes, too", '$N=5\nx "a${N}b"', ['x "a5b"']],
  [
    "a multi-line definition is the rest of its line",
    "$B=a \\\nb { \\\nc \\\n}\nx $B\ny",
    ["x a", "b", "{", "c", "}", "y"],
  ],
  ["a multi-line definition may begin on the next line", "$B= \\\na \\\nb\n$B", ["a", "b"]],
  ["a multi-line definition is not put into the middle of a line", "$B=a \\\nb\n$B x", ["$B x"]],
  ["an empty line ends a multi-line definition", "$B=a \\\n\nb\n$B", ["b", "a"]],
  ["multi-line definitions nest", "$I=i1 \\\ni2\n$O=o1 \\\n$I \\\no2\n$O", ["o1", "i1", "i2", "o2"]],
  [
    "a multi-line definition may begin with another one",
    "$I=i1 \\\ni2\n$O=$I \\\no2\n$O",
    ["i1", "i2", "o2"],
  ],
  ["a multi-line definition may begin with a line for another node", "$O=@node-b x \\\ny\n$O", ["y"]],
  ["a multi-line definition may make definitions", "$O= \\\n$N=1 \\\nx ${N}\n$O", ["x 1"]],
  ["a line of comment ends a multi-line definition", "$B=a \\\n# x\nb\n$B", ["b", "a"]],
];

describe("lines", () => {
  it.each(ROWS)("%s", async (_name, text, expected) => {
    expect((await logicalLines(text)).lines).toEqual(expected);
  });
});

const REPETITIONS: readonly (readonly [string, string, readonly string[]])[] = [
  ["one number counts from 1 to it", "~SEQ(N, 3) x${N}", ["x1", "x2", "x3"]],
  ["a negative number counts down from -1", "~SEQ(N, -2) x${N}", ["x-1", "x-2"]],
  ["0 counts down from 1", "~SEQ(N, 0) x${N}", ["x1", "x0"]],
  ["two numbers are start and end", "~SEQ(N, 3, 5) x${N}", ["x3", "x4", "x5"]],
  ["two numbers may count down", "~SEQ(N, 3, 1) x${N}", ["x3", "x2", "x1"]],
  ["three numbers are start, step and end", "~SEQ(N, 1, 4, 10) x${N}", ["x1", "x5", "x9"]],
  ["numbers may be octal and hexadecimal", "~SEQ(N, 010, 0x9) x${N}", ["x8", "x9"]],
  ["~SEQx writes hexadecimal", "~SEQx(N, 9, 11) x${N}", ["x9", "xa", "xb"]],
  [
    "repetitions nest from left to right",
    "~SEQ(A, 1, 2) ~SEQ(B, 7, 8) x${A}${B}",
    ["x17", "x18", "x27", "x28"],
  ],
  ["the parameters may be definitions", "$TO=2\n~SEQ(N, $TO) x${N}", ["x1", "x2"]],
  ["a repetition may be a definition", "$ALL=~SEQ(N, 2)\n$ALL x${N}", ["x1", "x2"]],
  ["the variable stays defined", "~SEQ(N, 2) x\ny${N}", ["x", "x", "y2"]],
  [
    "a repeated line may hold braces",
    "~SEQ(N, 2) vrrp_instance V${N} { priority $N }",
    ["vrrp_instance V1", "{", "priority 1", "}", "vrrp_instance V2", "{", "priority 2", "}"],
  ],
  [
    "a multi-line definition is repeated whole",
    "$I=a$N \\\nb ${N}\n~SEQ(N, 2) ${I}",
    ["a1", "b 1", "a2", "b 2"],
  ],
  ["~LST takes each value", "~LST(N, one, two) x ${N}", ["x one", "x two"]],
  ["~LST takes several values at once", "~LST({A,B},{1,2},{3,4}) x ${A}-${B}", ["x 1-2", "x 3-4"]],
  ["~LST leaves missing values empty", "~LST({A,B},{1}) x ${A}-${B}.", ["x 1-."]],
  ["~LST and ~SEQ combine", "~LST(A, p, q) ~SEQ(N, 2) ${A}${N}", ["p1", "p2", "q1", "q2"]],
];

describe("repetition", () => {
  it.each(REPETITIONS)("%s", async (_name, text, expected) => {
    expect(await logicalLines(text)).toMatchObject({ lines: expected, problems: [] });
  });

  it.each([
    ["~SEQ(N, 1, 0, 3) x", "1 error ~SEQ never gets from 1 to 3 in steps of 0"],
    ["~SEQ(N, 1, -1, 3) x", "1 error ~SEQ never gets from 1 to 3 in steps of -1"],
    ["~SEQ(N) x", "1 error ~SEQ needs one to three numbers"],
    ["~SEQ(N, 1, 2, 3, 4) x", "1 error ~SEQ needs one to three numbers"],
    ["~SEQ(N, many) x", "1 error ~SEQ holds no number"],
    ["~SEQ(, 2) x", '1 error ~SEQ has no variable but ""'],
    ["~SEQ(N, 2 x", "1 error ~SEQ has no closing parenthesis"],
    ["~SEQx(N, -2) x", "1 error ~SEQx counts from 0 up only"],
    ["~LST({A,B},{1},{2,3,4}) x", "1 error ~LST has more values than variables"],
    ["~LST(N) x", "1 error ~LST has no value"],
    ["~LST({A b},1) x", "1 error ~LST has no variable"],
  ])("refuses %s and drops the line", async (text, problem) => {
    expect(await logicalLines(`${text}\nnext`)).toMatchObject({ lines: ["next"], problems: [problem] });
  });
});

const BUILTINS: readonly (readonly [string, string, string])[] = [
  ["_PWD is the folder of the file", "x ${_PWD}", "x /etc/keepalived"],
  ["_INSTANCE is the config id", "x ${_INSTANCE}", "x node-a"],
  ["_HASH is a # within quotes", 'x "a${_HASH}b"', 'x "a#b"'],
  ["_BANG is a ! within quotes", 'x "a${_BANG}b"', 'x "a!b"'],
  ["_HASH without quotes begins a comment, as any #", "x a${_HASH}b", "x a"],
  ["_RANDOM is a number up to 32767", "x ${_RANDOM}", "x 16384"],
  ["_RANDOM takes a lower bound", "x ${_RANDOM 32767}", "x 32767"],
  ["_RANDOM takes both bounds", "x ${_RANDOM 10 20}", "x 15"],
  ["_RANDOM with bounds in the wrong order is the first", "x ${_RANDOM 3 1}", "x 3"],
  ["_ENV is a variable of the environment", "x ${_ENV SITE}", "x north"],
  ["_ENV of a missing variable is empty", "x ${_ENV NOWHERE}y", "x y"],
  ["a definition overrides them", "$_INSTANCE=mine\nx ${_INSTANCE}", "x mine"],
];

describe("predefined definition", () => {
  it.each(BUILTINS)("%s", async (_name, text, expected) => {
    const { lines } = await logicalLines(text, { environment: { SITE: "north" } });
    expect(lines).toEqual([expected]);
  });
});
