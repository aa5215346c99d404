"""The page's style sheet. It works in light and dark, at 360 pixels and on paper, and never relies on colour alone."""

from __future__ import annotations

STYLE = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--dim:#57606a;--line:#c9d1d9;--soft:#f4f6f8;--mark:#b35900;
--link:#0550ae;--a:#2f6f4f;--b:#57606a;--c:#8a6d1a;--d:#b42318;--e:#6b4aa0}
@media (prefers-color-scheme:dark){:root{--paper:#14171b;--ink:#e6e9ec;--dim:#a3adb8;--line:#3d454e;--soft:#1d2228;
--mark:#f0a35e;--link:#7cb7ff;--a:#5fb88a;--b:#8b949e;--c:#d6b556;--d:#f2796d;--e:#b49ae0}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:66rem;padding:1rem 1.2rem 4rem;background:var(--paper);color:var(--ink);
font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:anywhere}
h1{font-size:1.9rem;line-height:1.2;margin:.2rem 0 .5rem}
h2{font-size:1.35rem;margin:2.5rem 0 .6rem;padding-top:.6rem;border-top:1px solid var(--line)}
h3{font-size:1.1rem;margin:1.2rem 0 .3rem}
h4{font-size:.95rem;margin:.9rem 0 .1rem}
p{margin:.3rem 0 .6rem}
a{color:var(--link)}
a:focus-visible,summary:focus-visible{outline:3px solid var(--link);outline-offset:2px}
:target{outline:2px solid var(--mark);outline-offset:3px}
code{font:.88em/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
pre{font:.88em/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;white-space:pre-wrap;
background:var(--soft);border-left:4px solid var(--ink);padding:.4rem .8rem;margin:.3rem 0 .6rem}
.trial{width:auto}
.trial thead th,.trial td{white-space:nowrap}
small,.where{color:var(--dim);font-size:.875rem}
.verdict{font-size:1.15rem}
nav{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;margin:.8rem 0}
.change{border:2px solid var(--ink);border-radius:6px;padding:.2rem 1.2rem .6rem;margin-top:1.2rem}
.change h2{border:0;margin:.3rem 0;padding-top:.2rem}
.change li{margin:.4rem 0}
ol,ul{padding-left:1.4rem;margin:.3rem 0 .8rem}
table{border-collapse:collapse;width:100%;margin:.6rem 0 1rem;font-size:.9rem}
caption{text-align:left;color:var(--dim);padding:.2rem 0}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line)}
thead th{border-bottom:2px solid var(--ink)}
tbody th{font-weight:inherit}
tfoot th,tfoot td{border-bottom:0;font-weight:600}
.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.figures{width:auto}
.figures th{white-space:nowrap}
.bar{display:flex;height:2.2rem;border:1px solid var(--ink);margin:.6rem 0}
.bar span{display:flex;flex-wrap:wrap;align-content:flex-start;flex-basis:0;min-width:4px;overflow:hidden;
border-right:1px solid var(--ink)}
.bar span::before{content:"";width:.4rem;height:100%}
.bar span:last-child{border-right:0}
.bar b{background:var(--paper);color:var(--ink);font-size:.8rem;padding:.1rem .4rem;margin:.35rem 0;
white-space:nowrap}
.key{display:inline-block;width:1.1em;height:.9em;border:1px solid var(--ink);vertical-align:-.05em}
.present{background:var(--a)}
.logged_out{background:repeating-linear-gradient(90deg,var(--b) 0 3px,var(--paper) 3px 6px)}
.explained{background:repeating-linear-gradient(45deg,var(--c) 0 4px,var(--paper) 4px 8px)}
.unexplained{background:repeating-linear-gradient(-45deg,var(--d) 0 6px,var(--paper) 6px 8px)}
.unknown{background:radial-gradient(var(--e) 30%,var(--paper) 34%) 0 0/7px 7px}
.states{display:flex;flex-wrap:wrap;gap:.2rem 1.6rem;list-style:none;padding:0}
article{border:1px solid var(--line);border-radius:6px;padding:.2rem 1.2rem .8rem;margin:1rem 0}
article.to-fix{border-left:6px solid var(--mark)}
.tags span{border:1px solid var(--ink);border-radius:3px;padding:.05rem .45rem;font-size:.8rem;margin-right:.3rem}
.said{font-size:1.1rem}
.evidence li{margin:.4rem 0}
.fix{background:var(--soft);border-left:4px solid var(--ink);padding:.4rem .8rem}
summary{cursor:pointer;padding:.25rem 0}
.page{border-top:1px solid var(--line);margin-top:.8rem}
.track{position:relative;height:.7rem;border:1px solid var(--line);background:var(--soft);margin:.25rem 0}
.track i{position:absolute;top:0;bottom:0;background:var(--link);border:1px solid var(--ink)}
tr.cited>th{font-weight:700}
span.cited{border:1px solid var(--mark);border-radius:3px;padding:0 .35rem;font-size:.8rem}
.agents{table-layout:fixed}
.agents th:nth-child(1){width:12%}
.agents th:nth-child(2){width:16%}
.agents th:nth-child(3){width:13%}
.agents th:nth-child(4){width:9%}
.agents th:nth-child(5){width:15%}
.agents th:nth-child(7){width:14%}
.agents th:nth-child(8){width:9%}
.requests td:nth-child(3){min-width:7rem}
.where code,.requests code{word-break:break-all}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1.2rem}
dt{color:var(--dim)}
dd{margin:0}
footer{color:var(--dim);font-size:.875rem;border-top:1px solid var(--line);margin-top:2rem}
@media screen and (max-width:44rem){
body{padding:.6rem .8rem 3rem}
h1{font-size:1.45rem}
.change,article{padding-left:.8rem;padding-right:.8rem}
.figures{width:100%}
.figures thead{display:none}
.figures tr{display:grid;grid-template-columns:1fr auto;border-bottom:1px solid var(--line)}
.figures th,.figures td{border:0}
.figures td:last-child{grid-column:1/-1;padding-top:0;color:var(--dim)}
.agents thead,.requests thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
.agents,.requests,.agents tbody,.requests tbody{display:block}
.agents tr{display:block;border-bottom:1px solid var(--line);padding:.4rem 0}
.agents th,.agents td{display:inline;border:0;padding:0}
.agents td:nth-child(2){font-weight:600}
.agents td:not(:empty)::before{content:" \\B7  "}
.agents td:nth-child(8):not(:empty)::before{content:" \\B7  explained by "}
.requests tr{display:block;border-bottom:1px solid var(--line);padding:.5rem 0}
.requests th,.requests td{border:0;padding:0;text-align:left}
.requests th,.requests td:nth-child(2){display:block}
.requests th::before{content:"Request "}
.requests td:nth-child(n+3){display:inline;margin-right:.8rem}
.requests td:nth-child(3)::before{content:"answer "}
.requests td:nth-child(4)::before{content:"began "}
.requests td:nth-child(5)::before{content:"took "}
dl{display:block}
dd{margin:0 0 .4rem}
}
@media print{
:root{color-scheme:light;--paper:#fff;--ink:#000;--dim:#333;--line:#999;--soft:#fff;--mark:#000;--link:#000;
--a:#777;--b:#555;--c:#777;--d:#333;--e:#444}
@page{margin:14mm}
body{max-width:none;padding:0;font-size:9.5pt}
h1{font-size:17pt}
h2{font-size:13pt}
h2,h3,h4,summary{break-after:avoid}
nav{display:none}
tr,li,.fix,.bar{break-inside:avoid}
thead{display:table-header-group}
details:not([open])::details-content{content-visibility:visible;block-size:auto;height:auto;display:block}
summary{list-style:none}
.bar span,.key,.track i{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.agents{font-size:8pt}
.requests{font-size:8.5pt}
}
"""
