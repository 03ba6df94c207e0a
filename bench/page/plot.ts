/**
 * Plots as SVG, by ECharts and without a browser. Their ground is light whatever the reader's, so that they
 * can be read on a dark page too.
 */
import { type EChartsOption, init } from "echarts";

export const INK = "#1f2937";
export const FAINT = "#d1d5db";
export const OURS = "#2563eb";
export const THEIRS = "#9ca3af";
export const LINES = ["#2563eb", "#d97706", "#059669", "#db2777", "#7c3aed", "#64748b"];

export function isOurs(contestant: string): boolean {
  return contestant.includes("Postel");
}

export function renderPlot(title: string, width: number, height: number, option: EChartsOption): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    const textStyle = { fontFamily: "system-ui, sans-serif", color: INK };
    chart.setOption({ animation: false, backgroundColor: "#ffffff", textStyle, ...option });
    return still(chart.renderToSVGString(), title);
  } finally {
    chart.dispose();
  }
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

/**
 * Named for those who cannot see it, and without what serves a pointer, which an image has not. Classes and
 * names within it count all charts of the process; it is to be the same whatever was drawn before.
 */
function still(svg: string, title: string): string {
  const bare = svg
    .replaceAll(/<style >[\s\S]*?<\/style>\n?/g, "")
    .replaceAll(/\bzr\d+-/g, "zr-")
    .replace(/^<svg[^>]*>\n/, `$&<title>${escaped(title)}</title>\n`);
  return `${bare.replaceAll(/ (?:class|ecmeta_\w+|pointer-events)="[^"]*"/g, "")}\n`;
}
