import { CHART_HEIGHT, CHART_WIDTH, type Chart, lineChart, type Series } from "./line-chart.ts";
import { PROGRAMS, type ProgramName } from "./programs.ts";
import type { Row } from "./report.ts";

const COLOURS: Readonly<Record<ProgramName, string>> = { keepalived: "#b4541a", cloudvip: "#1a6bb4" };

/** An SVG picture of the gap by advert interval and the cost by number of instances, as far as the rows tell of them. */
export function plot(rows: readonly Row[]): string {
  const charts = [gapByInterval(rows), costByInstances(rows)].filter(({ series }) => series.length > 0);
  const height = CHART_HEIGHT * charts.length;
  const groups = charts.map(
    (chart, index) => `<g transform="translate(0,${index * CHART_HEIGHT})">\n${lineChart(chart)}\n</g>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${CHART_WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<title>${charts.map(({ title }) => title).join("; ")}</title>`,
    `<rect width="${CHART_WIDTH}" height="${height}" fill="white"/>`,
    ...groups,
    "</svg>\n",
  ].join("\n");
}

function gapByInterval(rows: readonly Row[]): Chart {
  return {
    title: "Longest gap of a 2 ms ping when the MASTER's host is lost (median)",
    x: { label: "advert_int, ms", scale: "logarithmic" },
    y: { label: "gap, ms", scale: "logarithmic" },
    series: PROGRAMS.flatMap((program) =>
      seriesOf(rows, { program, name: program, of: /^host-loss-(\d+)ms$/ }),
    ),
  };
}

function costByInstances(rows: readonly Row[]): Chart {
  return {
    title: "Processor time with adverts every 100 ms",
    x: { label: "instances", scale: "linear" },
    y: { label: "% of one processor", scale: "linear" },
    series: PROGRAMS.flatMap((program) => [
      ...seriesOf(rows, { program, name: `${program} MASTER`, of: /^cpu-master-(\d+)$/ }),
      ...seriesOf(rows, { program, name: `${program} BACKUP`, of: /^cpu-backup-(\d+)$/, dash: "6 4" }),
    ]),
  };
}

interface Wanted {
  readonly program: ProgramName;
  readonly name: string;
  /** The names of the rows; the number in them is the x of their points. */
  readonly of: RegExp;
  readonly dash?: string;
}

/** None when no row has a figure, for an axis without figures has no ends. */
function seriesOf(rows: readonly Row[], { program, name, of, dash }: Wanted): readonly Series[] {
  const points = rows.flatMap((row) => {
    const [, x] = of.exec(row.name) ?? [];
    const y = row.readings[program]?.value;
    return x === undefined || y === undefined ? [] : [{ x: Number(x), y }];
  });
  if (points.length === 0) return [];
  points.sort((a, b) => a.x - b.x);
  return [{ name, colour: COLOURS[program], points, ...(dash ? { dash } : {}) }];
}
