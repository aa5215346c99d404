"""The style of the pictures, beside that of all our pages. The colours are those of the live board."""

from __future__ import annotations

PICTURES = """
:root{--on-contact:#2f86d8;--after-contact:#b65fb0;--available:#12a67c;--unavailable:#f0a030;--pending:#8fa0b5;
--other:#7d8ca0;--out:#c9d1da;--hatch:#5f6b79;--ground:#e6ebf1;--over:rgb(255 255 255 / 55%);--bad:#b42318}
@media (prefers-color-scheme:dark){:root{--on-contact:#3b8fe0;--after-contact:#b86bc4;--available:#1fae83;
--unavailable:#e0942a;--pending:#77879b;--other:#66768a;--out:#3d4957;--hatch:#aeb9c6;--ground:#2a333f;
--over:rgb(0 0 0 / 45%);--bad:#ff8f86}}
body{max-width:82rem}
h4{margin:.9rem 0 .2rem}
.notes{background:var(--soft);border-left:4px solid var(--ink);padding:.4rem .8rem .4rem 2rem;margin:.6rem 0}
.patterns{position:absolute}
.legend{display:flex;flex-wrap:wrap;gap:.3rem 1.4rem;list-style:none;padding:0}
.swatch{vertical-align:-.15em;border:1px solid var(--ink)}
.c-on-contact{fill:var(--on-contact)}.c-after-contact{fill:var(--after-contact)}.c-available{fill:var(--available)}
.c-unavailable{fill:var(--unavailable)}.c-pending{fill:var(--pending)}.c-other{fill:var(--other)}
pattern .over{fill:var(--over)}pattern .line{stroke:var(--over);stroke-width:1.2;fill:none}
pattern .ground{fill:var(--ground)}pattern .hatch{stroke:var(--hatch);stroke-width:1.2;opacity:.7;fill:none}
pattern text{font:700 11px system-ui,sans-serif;fill:var(--ink)}
.f-on-contact{fill:url(#p-on-contact)}.f-after-contact{fill:url(#p-after-contact)}
.f-available{fill:url(#p-available)}.f-unavailable{fill:url(#p-unavailable)}.f-pending{fill:url(#p-pending)}
.f-other{fill:url(#p-other)}.f-unknown{fill:url(#p-unknown)}.f-out{fill:var(--out)}.f-sure{fill:var(--on-contact)}
.f-off{fill:none}.f-exception{fill:var(--bad)}
.plots,.lanes{--who:11rem;--sum:4.6rem}
.plots,.head,.lanes li{display:grid;grid-template-columns:var(--who) minmax(0,1fr) var(--sum) var(--sum);
column-gap:.6rem;align-items:center}
.plots .axis,.head .axis{grid-column:2}
svg text{font:.75rem system-ui,sans-serif;fill:var(--dim);font-variant-numeric:tabular-nums}
.side,.plot,.axis,.lane,.range{display:block;width:100%;overflow:visible}
.side text{text-anchor:end}
.plot line,.grid line{stroke:var(--line);stroke-width:1}
.plot .base{stroke:var(--ink)}
.axis text{text-anchor:middle}
.axis .first{text-anchor:start}
.lanes{position:relative;margin-bottom:.6rem}
.lanes ul{list-style:none;margin:0;padding:0}
.lanes li{padding:1px 0;margin:0;position:relative}
.head{border-bottom:1px solid var(--line)}
.head b{font-weight:400;font-size:.75rem;color:var(--dim);text-align:right}
.grid{position:absolute;left:calc(var(--who) + .6rem);top:1.1rem;height:calc(100% - 1.1rem);
width:calc(100% - var(--who) - 2*var(--sum) - 1.8rem)}
.who{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;font-size:.875rem}
.lanes .n{font-size:.8rem}
.lane{height:17px}
.lane rect{height:15px;y:1px}
.lane .f-out{height:3px;y:7px}
.judged{height:22px}
.judged .f-exception{height:4px;y:17px}
.ranges thead th{white-space:nowrap}
.ranges td:nth-child(n+4){width:32%}
.range{flex:1;height:14px;border:1px solid var(--ink);overflow:hidden}
.range rect,.range line{height:100%}
.range line{stroke:var(--ink);stroke-width:2}
.all th,.all td{border-bottom:2px solid var(--ink);font-weight:600}
.percent{display:flex;gap:.6rem;align-items:center}
.percent span{flex:none;width:9.2rem;font-variant-numeric:tabular-nums}
.wide{overflow-x:auto}
.wide:focus-visible{outline:3px solid var(--link)}
.rows td,.rows th{white-space:nowrap;padding-right:1rem}
@media screen and (max-width:44rem){
.minor{display:none}
.plots{grid-template-columns:2.2rem minmax(0,1fr)}
.head,.lanes li{grid-template-columns:minmax(0,1fr) auto var(--sum)}
.head .axis,.lane{grid-column:1/-1;grid-row:2}
.head b:first-of-type{grid-column:2}
.grid{left:0;width:100%}
.ranges thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
.ranges,.ranges tbody{display:block}
.ranges tr{display:grid;grid-template-columns:minmax(0,1fr) auto;border-bottom:1px solid var(--line);padding:.5rem 0}
.ranges td,.ranges th,.ranges td:nth-child(n+4){border:0;padding:0;width:auto;grid-column:1/-1;text-align:left}
.ranges th{font-weight:600}
.ranges td:nth-child(2)::before{content:"scheduled "}
.ranges td:nth-child(3):empty{display:none}
.ranges td:nth-child(3)::before{content:"unknown "}
.ranges td:nth-child(2),.ranges td:nth-child(3){display:inline;grid-column:auto}
.ranges td:nth-child(4)::before{content:"adherence"}
.ranges td:nth-child(5)::before{content:"conformance"}
}
@media print{
:root{--on-contact:#1f5f9e;--after-contact:#a35a9e;--available:#86d3ba;--unavailable:#f3b65c;--pending:#8fa0b5;
--other:#5d6a7a;--out:#bbb;--hatch:#555;--ground:#eee;--over:rgb(255 255 255 / 55%);--bad:#b42318}
.f-on-contact{fill:var(--on-contact)}.f-after-contact{fill:var(--after-contact)}.f-available{fill:var(--available)}
.f-unavailable{fill:var(--unavailable)}.f-pending{fill:var(--pending)}.f-other{fill:var(--other)}
@page{size:landscape}
svg rect,svg path{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.lanes li,.plots,.ranges tr{break-inside:avoid}
.rows{font-size:7.5pt}
details.long:not([open])::details-content{display:none}
}
"""
"""A lane is 17 pixels high. So forty people fit on a printed page.

On paper only unknown time has a pattern: thousands of them take a browser minutes to print. The colours differ in
lightness instead.
"""
