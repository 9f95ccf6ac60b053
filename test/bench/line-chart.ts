/** One line of a chart. */
export interface Series {
  readonly name: string;
  /** Any colour of SVG. */
  readonly colour: string;
  /** An SVG dash pattern; a solid line without. */
  readonly dash?: string;
  readonly points: readonly Point[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Axis {
  readonly label: string;
  readonly scale: "linear" | "logarithmic";
}

export interface Chart {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

export const CHART_WIDTH = 680;
export const CHART_HEIGHT = 380;
const MARGIN = { left: 62, right: 24, top: 40, bottom: 78 };
const INK = "#333";
const GRID = "#ddd";
const LEGEND_STEP = 152;

/** An SVG group: the chart with its axes, grid and legend. Axes end at the figures, and linear ones begin at zero. */
export function lineChart({ title, x, y, series }: Chart): string {
  const points = series.flatMap(({ points }) => points);
  const across = scaleOf(
    x.scale,
    points.map((point) => point.x),
    [MARGIN.left, CHART_WIDTH - MARGIN.right],
  );
  const up = scaleOf(
    y.scale,
    points.map((point) => point.y),
    [CHART_HEIGHT - MARGIN.bottom, MARGIN.top],
  );
  const at = (point: Point) => `${across.place(point.x)},${up.place(point.y)}`;
  const [bottom, right] = [CHART_HEIGHT - MARGIN.bottom, CHART_WIDTH - MARGIN.right];
  return [
    text(title, { x: MARGIN.left, y: 22, extra: 'font-weight="bold" font-size="14"' }),
    ...up.ticks.flatMap((value) => [
      line([MARGIN.left, up.place(value)], [right, up.place(value)], GRID),
      text(numberText(value), { x: MARGIN.left - 8, y: up.place(value) + 4, extra: 'text-anchor="end"' }),
    ]),
    ...across.ticks.flatMap((value) => [
      line([across.place(value), MARGIN.top], [across.place(value), bottom], GRID),
      text(numberText(value), { x: across.place(value), y: bottom + 16, extra: 'text-anchor="middle"' }),
    ]),
    text(x.label, { x: (MARGIN.left + right) / 2, y: bottom + 34, extra: 'text-anchor="middle"' }),
    text(y.label, {
      x: 0,
      y: 0,
      extra: `text-anchor="middle" transform="translate(14,${(MARGIN.top + bottom) / 2}) rotate(-90)"`,
    }),
    ...series.flatMap(({ name, colour, dash, points }, index) => {
      const stroke = `stroke="${colour}" stroke-width="2"${dash ? ` stroke-dasharray="${dash}"` : ""}`;
      const legendX = MARGIN.left + index * LEGEND_STEP;
      const legendY = CHART_HEIGHT - 16;
      return [
        `<polyline fill="none" ${stroke} points="${points.map(at).join(" ")}"/>`,
        ...points.map(
          (point) =>
            `<circle r="3" fill="${colour}" cx="${across.place(point.x)}" cy="${up.place(point.y)}"/>`,
        ),
        `<line ${stroke} x1="${legendX}" y1="${legendY - 4}" x2="${legendX + 22}" y2="${legendY - 4}"/>`,
        text(name, { x: legendX + 27, y: legendY }),
      ];
    }),
  ].join("\n");
}

interface Scale {
  place(value: number): number;
  readonly ticks: readonly number[];
}

function scaleOf(
  kind: Axis["scale"],
  values: readonly number[],
  [from, to]: readonly [number, number],
): Scale {
  return kind === "linear" ? linear(Math.max(...values), from, to) : logarithmic(values, from, to);
}

function linear(highest: number, from: number, to: number): Scale {
  const step = niceStep(highest / 5);
  const end = Math.max(step, Math.ceil(highest / step) * step);
  const ticks = Array.from({ length: Math.round(end / step) + 1 }, (_, index) => index * step);
  return { ticks, place: (value) => rounded(from + ((to - from) * value) / end) };
}

/** From one power of ten to another; zeros are drawn at the lower end. */
function logarithmic(values: readonly number[], from: number, to: number): Scale {
  const positive = values.filter((value) => value > 0);
  const lowest = Math.floor(Math.log10(Math.min(...positive)));
  const highest = Math.max(lowest + 1, Math.ceil(Math.log10(Math.max(...positive))));
  const ticks = Array.from({ length: highest - lowest + 1 }, (_, index) => 10 ** (lowest + index));
  const place = (value: number) => {
    const share = (Math.log10(Math.max(value, 10 ** lowest)) - lowest) / (highest - lowest);
    return rounded(from + (to - from) * share);
  };
  return { ticks, place };
}

/** The smallest of 1, 2, 5, 10, … that is no smaller than `atLeast`. */
function niceStep(atLeast: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(atLeast));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * magnitude >= atLeast) ?? 10;
  return factor * magnitude;
}

function line(
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
  colour: string,
): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${colour}"/>`;
}

function text(
  content: string,
  place: { readonly x: number; readonly y: number; readonly extra?: string },
): string {
  const escaped = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${place.x}" y="${place.y}" fill="${INK}" ${place.extra ?? ""}>${escaped}</text>`;
}

function numberText(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** Tenths of a pixel are enough, and keep the file readable. */
function rounded(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
