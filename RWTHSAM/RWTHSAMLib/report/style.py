"""How the report looks: on light and dark screens, and on paper."""

from __future__ import annotations

CSS = """
:root { --page: #ffffff; --text: #1d2127; --soft: #5a6472; --line: #d5dae1; --card: #f5f6f8; --warn: #fff4d6;
  --accent: #00549f; }
@media screen and (prefers-color-scheme: dark) {
  :root { --page: #14171b; --text: #e7eaee; --soft: #a3adba; --line: #363d46; --card: #1d2227; --warn: #3a3113;
    --accent: #8ebae5; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, "Segoe UI", "Helvetica Neue",
  Arial, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 40px 32px 64px; }
h1 { font-size: 30px; line-height: 1.2; margin: 0 0 8px; overflow-wrap: anywhere; }
h2 { font-size: 20px; margin: 44px 0 14px; padding-bottom: 6px; border-bottom: 2px solid var(--accent); }
h3 { font-size: 16px; margin: 24px 0 8px; }
.lead { color: var(--soft); font-size: 17px; margin: 0 0 16px; max-width: 75ch; }
.notice { background: var(--warn); border-radius: 6px; padding: 8px 14px; margin: 8px 0; font-size: 15px; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 6px 22px; margin: 0 0 14px; padding: 0; }
.swatch { display: inline-block; width: 0.8em; height: 0.8em; border-radius: 3px; margin-right: 0.5em;
  vertical-align: -0.04em; border: 1px solid rgba(127, 127, 127, 0.6); print-color-adjust: exact;
  -webkit-print-color-adjust: exact; }
.gallery { display: grid; gap: 22px 20px; align-items: start; }
.gallery.large { grid-template-columns: var(--columns); grid-template-rows: auto 1fr; }
.gallery.large > figure:first-child { grid-row: span 2; }
.gallery.small { grid-template-columns: repeat(4, minmax(0, 1fr)); margin-top: 24px; }
.gallery.views { grid-template-columns: repeat(2, minmax(0, 1fr)); }
figure { margin: 0; min-width: 0; }
figcaption, caption { color: var(--soft); font-size: 14px; text-align: left; line-height: 1.4; }
figcaption { margin-top: 7px; }
figcaption b, caption b { color: var(--text); }
.picture { position: relative; line-height: 0; border-radius: 6px; overflow: hidden; background: #000; }
.views .picture { background: var(--card); border: 1px solid var(--line); }
img { width: 100%; height: auto; display: block; }
.scale { position: absolute; right: 2.5%; bottom: 2.5%; height: 4px; background: #fff; border-radius: 1px;
  box-shadow: 0 0 0 1px rgba(0, 0, 0, 0.7); print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.scale span { position: absolute; right: 0; bottom: 8px; min-width: 100%; text-align: center; color: #fff;
  font-size: 13px; line-height: 1.2; white-space: nowrap; text-shadow: 0 0 3px #000, 0 0 3px #000, 0 0 2px #000; }
.wide { overflow-x: auto; margin: 0 0 26px; }
table { border-collapse: collapse; width: 100%; font-size: 14.5px; font-variant-numeric: tabular-nums; }
caption { padding-bottom: 8px; }
th, td { padding: 6px 10px; border-bottom: 1px solid var(--line); text-align: right; font-weight: 400; }
th:first-child { text-align: left; padding-left: 0; }
td:last-child, thead th:last-child { padding-right: 0; }
thead th { border-bottom: 1.5px solid var(--text); border-top: 1.5px solid var(--text); font-weight: 600;
  vertical-align: bottom; }
tbody th { overflow-wrap: anywhere; }
tbody tr:last-child > * { border-bottom: 1.5px solid var(--text); }
.plots { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 26px 28px; }
.plots > figure:first-child { grid-column: span 2; }
svg.plot { width: 100%; height: auto; display: block; }
svg.plot text { fill: var(--text); font-size: 12.5px; font-variant-numeric: tabular-nums; }
svg.plot .label { fill: var(--soft); font-size: 13.5px; }
svg.plot .grid { stroke: var(--line); stroke-width: 1; }
svg.plot .axis { stroke: var(--soft); stroke-width: 1; }
svg.plot polyline { fill: none; stroke-linejoin: round; stroke-linecap: round; }
svg.plot .line { stroke-width: 2.2; }
svg.plot .halo { stroke: var(--soft); stroke-width: 3.4; opacity: 0.55; }
svg.plot .bar, svg.plot .swatch { stroke: var(--soft); stroke-width: 0.6; }
dl { display: grid; grid-template-columns: minmax(150px, max-content) 1fr; gap: 4px 24px; margin: 0; font-size: 15px; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.steps { padding-left: 1.6em; font-size: 15px; }
footer { margin-top: 48px; padding-top: 12px; border-top: 1px solid var(--line); color: var(--soft);
  font-size: 13.5px; }
@media (max-width: 720px) {
  main { padding: 24px 16px; }
  .gallery.large, .gallery.views, .plots { grid-template-columns: minmax(0, 1fr); }
  .gallery.large > figure:first-child { grid-row: auto; }
  .plots > figure:first-child { grid-column: auto; }
  .gallery.small { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  dl { grid-template-columns: 1fr; }
  dd { margin-bottom: 8px; }
}
@page { size: A4; margin: 16mm 15mm; }
@media print {
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  h1 { font-size: 20pt; }
  h2 { font-size: 13pt; margin-top: 22pt; break-after: avoid; }
  figure, tr, .notice { break-inside: avoid; }
  table { font-size: 8.8pt; }
  .wide { overflow: visible; }
  th, td { padding: 3pt 5pt; }
  figcaption, caption { font-size: 8.8pt; }
  .notice { border: 1px solid var(--line); }
}
"""
