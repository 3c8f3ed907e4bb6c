import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import type { Overview } from '../data/shapes.ts';
import 'uplot/dist/uPlot.min.css';

const HEIGHT = 240;

type Buckets = Overview['buckets'];

export interface ChartProps {
  readonly buckets: Buckets;
  readonly stepMs: number;
  /** False if `accepted` is unknown, as it is for a single provider. */
  readonly hasAccepted: boolean;
}

/** The results of recipients as stacked bars, and accepted recipients as a line. */
export function Chart({ buckets, stepMs, hasAccepted }: ChartProps) {
  const frame = useRef<HTMLDivElement>(null);
  const [plot, setPlot] = useState<uPlot>();
  const colours = useColours();
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const chart = new uPlot(
      options(element.clientWidth, { stepMs, hasAccepted }, colours),
      [[], [], [], [], []],
      element,
    );
    setPlot(chart);
    const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, [stepMs, hasAccepted, colours]);
  useEffect(() => plot?.setData(seriesOf(buckets)), [plot, buckets]);
  return (
    <>
      <div
        ref={frame}
        className="chart"
        role="img"
        aria-label="Chart. The table below has the same numbers."
      />
      <ul className="legend">
        {hasAccepted && <Legend name="accepted" label="Accepted" />}
        <Legend name="delivered" label="Delivered" />
        <Legend name="deferred" label="Deferred" />
        <Legend name="refused" label="Bounced, failed or expired" />
      </ul>
    </>
  );
}

function Legend({ name, label }: { readonly name: string; readonly label: string }) {
  return (
    <li>
      <span className={`swatch swatch-${name}`} />
      {label}
    </li>
  );
}

/** Times in seconds, then the bars, each drawn over the higher one before it, then the line. */
function seriesOf(buckets: Buckets): uPlot.AlignedData {
  const refused = buckets.map(({ bounced, failed, expired }) => bounced + failed + expired);
  const deferred = buckets.map((bucket, index) => bucket.deferred + (refused[index] ?? 0));
  const delivered = buckets.map((bucket, index) => bucket.delivered + (deferred[index] ?? 0));
  return [
    buckets.map(({ at }) => Date.parse(at) / 1000),
    delivered,
    deferred,
    refused,
    buckets.map(({ accepted }) => accepted),
  ];
}

interface Colours {
  readonly text: string;
  readonly line: string;
  readonly accent: string;
  readonly good: string;
  readonly warn: string;
  readonly bad: string;
}

function options(
  width: number,
  { stepMs, hasAccepted }: Omit<ChartProps, 'buckets'>,
  colours: Colours,
): uPlot.Options {
  const paths = uPlot.paths.bars?.({ size: [0.7, 28], align: 1 });
  const steps = uPlot.paths.stepped?.({ align: 1 });
  const bar = (fill: string): uPlot.Series => ({
    ...{ fill, width: 0, points: { show: false } },
    ...(paths !== undefined && { paths }),
  });
  const axis: uPlot.Axis = {
    stroke: colours.text,
    grid: { stroke: colours.line, width: 1 },
    ticks: { stroke: colours.line, width: 1 },
  };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { range: (_, min, max) => [min, max + stepMs / 1000] },
      y: { range: (_, _min, max) => [0, Math.max(4, max * 1.08)] },
    },
    series: [
      {},
      bar(colours.good),
      bar(colours.warn),
      bar(colours.bad),
      {
        show: hasAccepted,
        stroke: colours.accent,
        width: 2,
        points: { show: false },
        ...(steps !== undefined && { paths: steps }),
      },
    ],
    axes: [axis, { ...axis, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 1e4, 1e5, 1e6], size: 56 }],
  };
}

/** The colours of the theme, for the canvas. They change with the theme. */
function useColours(): Colours {
  const [colours, setColours] = useState(readColours);
  useEffect(() => {
    const update = () => setColours(readColours());
    const observer = new MutationObserver(update);
    observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    const system = matchMedia('(prefers-color-scheme: dark)');
    system.addEventListener('change', update);
    return () => {
      observer.disconnect();
      system.removeEventListener('change', update);
    };
  }, []);
  return colours;
}

function readColours(): Colours {
  // A custom property with light-dark() has a computed colour only when an element uses it.
  const probe = document.body.appendChild(document.createElement('i'));
  const read = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const colours = {
    ...{ text: read('text-quiet'), line: read('line'), accent: read('accent') },
    ...{ good: read('bar-good'), warn: read('bar-warn'), bad: read('bar-bad') },
  };
  probe.remove();
  return colours;
}
