/** The one style sheet, in layers of its own: colours, frame, pieces, text of contracts, explorer, paper. */
import { customProperties, dark, light } from './theme.ts'

const base = `
:root{color-scheme:light dark;${customProperties(light)};
--sans:ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
--serif:"Iowan Old Style","Palatino Linotype",Palatino,"Book Antiqua",Charter,Georgia,"DejaVu Serif",serif;
--mono:ui-monospace,"SF Mono",SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){:root{${customProperties(dark)}}}
*,*::before,*::after{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0 auto;max-width:48rem;padding:0 1.25rem 2rem;background:var(--paper);color:var(--ink);font:1rem/1.6 var(--sans);overflow-wrap:break-word}
h1,h2,h3,h4,h5,h6{line-height:1.25;margin:0;text-wrap:balance}
h1{font:600 2.1rem/1.15 var(--serif);letter-spacing:-.015em;overflow-wrap:anywhere}
h2{font:600 1.3rem/1.3 var(--serif);margin:2.75rem 0 .9rem}
h3{font-size:1.05rem}
p{margin:.5rem 0}
a{color:var(--accent);text-decoration-thickness:.06em;text-underline-offset:.18em}
a:hover{text-decoration-thickness:.12em}
:focus-visible{outline:3px solid var(--accent);outline-offset:3px;border-radius:4px}
main:focus{outline:none}
ul,ol,dl{margin:0;padding:0}
code,pre{font-family:var(--mono);font-size:.875em}
pre{margin:.6rem 0;padding:.7rem .9rem;background:var(--code);border-radius:.5rem;overflow-x:auto;line-height:1.5}
pre code{font-size:.875rem}
`

const frame = `
.skip{position:absolute;left:-999rem}
.skip:focus{left:1rem;top:1rem;padding:.5rem 1rem;background:var(--card);z-index:1}
.top{display:flex;align-items:center;justify-content:space-between;gap:1rem;padding:1.25rem 0 1rem;border-bottom:1px solid var(--line)}
.wordmark{display:inline-flex;align-items:center;gap:.55rem;font:600 1.3rem/1 var(--serif);letter-spacing:-.01em;color:var(--ink);text-decoration:none}
.wordmark span{padding-bottom:.12em}
.mark{width:2rem;height:1.2rem;overflow:visible}
.mark circle{fill:var(--accent);fill-opacity:.3;stroke:var(--accent);stroke-width:2}
.badge{display:inline-flex;align-items:center;gap:.5rem;min-width:0;font:.8rem/1 var(--mono);color:var(--soft);text-decoration:none}
.badge:hover{color:var(--ink)}
.badge span{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;padding:.2em 0}
.identicon{width:1.75rem;height:1.75rem;flex:none}
.trail{margin:1rem 0 0;font-size:.9rem}
.trail ol{display:flex;flex-wrap:wrap;list-style:none}
.trail li{overflow-wrap:anywhere}
.trail li+li::before{content:"/";color:var(--soft);margin:0 .5rem}
.trail [aria-current]{color:var(--soft);text-decoration:none}
main{display:block;padding-top:1.75rem}
footer{margin-top:4rem;padding-top:1rem;border-top:1px solid var(--line);color:var(--soft);font-size:.85rem}
`

const pieces = `
.hero{display:flex;align-items:center;gap:1.4rem}
.hero .identicon{width:5rem;height:5rem}
.lead{color:var(--soft);font-size:1.06rem;max-width:38rem;unicode-bidi:isolate}
.lead strong{color:var(--ink);font-weight:600}
.title{display:flex;flex-wrap:wrap;align-items:center;gap:.4rem .6rem}
.fine{color:var(--soft);font-size:.85rem;margin:.3rem 0 0}
.tag{display:inline-block;font:500 .75rem/1.5 var(--sans);padding:.05rem .55rem;border-radius:1rem;background:var(--code);color:var(--soft);vertical-align:.1em;overflow-wrap:anywhere}
.trust-replayed{color:var(--good)}
.trust-signed{color:var(--warn)}
.id{overflow-wrap:anywhere;word-break:break-word}
.cards,.functions,.peers,.plain{list-style:none}
.cards,.functions{display:grid;gap:.8rem}
.card{min-width:0;padding:1rem 1.2rem;background:var(--card);border:1px solid var(--line);border-radius:.75rem}
.card h3 a{font-family:var(--serif);font-size:1.15rem}
.card p{unicode-bidi:isolate}
.card pre:last-child{margin-bottom:.2rem}
.functions h3{font-weight:600}
.functions h3 code{font-size:1rem}
.signature{overflow-wrap:anywhere;color:var(--soft);line-height:1.45}
.doc{white-space:pre-line;max-height:20rem;overflow-y:auto}
.command{position:relative;padding-left:2.1rem;user-select:all;-webkit-user-select:all;white-space:pre-wrap;overflow-wrap:anywhere;cursor:text}
.command::before{content:"$";position:absolute;left:.95rem;color:var(--soft);font:.875rem/1.5 var(--mono);user-select:none;-webkit-user-select:none}
.peers li{display:flex;gap:.8rem;align-items:flex-start;padding:.7rem 0;border-bottom:1px solid var(--line)}
.peers .identicon{margin-top:.1rem}
.peers li>div{min-width:0;line-height:1.4}
.peers .fine{display:block}
.peers+p{margin-top:1.25rem}
.facts>div{display:grid;grid-template-columns:8.5rem 1fr;gap:.1rem 1rem;padding:.55rem 0;border-bottom:1px solid var(--line)}
.facts dt{color:var(--soft)}
.facts dd{margin:0;min-width:0}
.plain li+li{margin-top:.25rem}
.more{color:var(--soft)}
.empty{padding:1.1rem 1.2rem;border:1px dashed var(--line);border-radius:.75rem;color:var(--soft)}
.empty p:first-child{margin-top:0}
.title~.empty{margin-top:1.5rem}
.empty pre{color:var(--ink)}
.steps{padding-left:1.3rem}
.steps li{margin:.6rem 0}
.problem{margin:1.5rem 0;padding:1.1rem 1.3rem;background:var(--card);border:1px solid var(--line);border-left:.3rem solid var(--bad);border-radius:.5rem}
.problem h2{margin-top:0;color:var(--bad)}
.problem pre{white-space:pre-wrap;overflow-wrap:anywhere}
.whole{border:0;background:none;padding:1.5rem 0;margin:0}
.status{font:600 1rem/1 var(--mono);color:var(--bad);margin:0 0 .8rem}
@media (max-width:34rem){
body{padding:0 1rem 1.5rem}
h1{font-size:1.7rem}
.hero{gap:1rem}
.hero .identicon{width:3.5rem;height:3.5rem}
.facts>div{grid-template-columns:1fr}
.card{padding:.9rem 1rem}
}
`

const prose = `
.face{margin:1.75rem 0 0;padding:1.5rem 1.6rem;background:var(--card);border:1px solid var(--line);border-radius:.9rem;overflow:hidden;contain:content}
.prose{font:1.06rem/1.65 var(--serif);unicode-bidi:isolate}
.prose>:first-child{margin-top:0}
.prose>:last-child{margin-bottom:0}
.prose h2{font-size:1.55rem;margin:1.8rem 0 .6rem;overflow-wrap:anywhere}
.prose h3{font-size:1.25rem;margin:1.5rem 0 .5rem}
.prose h4,.prose h5,.prose h6{font-size:1.05rem;margin:1.3rem 0 .4rem}
.prose p,.prose li{overflow-wrap:anywhere}
.prose p{margin:.75rem 0}
.prose ul,.prose ol{padding-left:1.4rem;margin:.75rem 0}
.prose li{margin:.2rem 0}
.prose blockquote{margin:1rem 0;padding:.1rem 0 .1rem 1rem;border-left:3px solid var(--line);color:var(--soft)}
.prose :not(pre)>code{background:var(--code);border-radius:.3rem;padding:.1em .3em}
.prose hr{border:0;border-top:1px solid var(--line);margin:1.75rem 0}
.prose a[rel~=ugc]::after{content:"\\2197" / "";font-size:.8em;margin-left:.1em}
.scroll{overflow-x:auto;margin:1rem 0}
.prose table{border-collapse:collapse;font:.95rem/1.5 var(--sans)}
.prose th,.prose td{padding:.4rem .8rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;overflow-wrap:break-word;min-width:4.5rem}
.prose th{color:var(--soft);font-weight:600}
.prose .centre{text-align:center}
.prose .right{text-align:right}
@media (max-width:34rem){.face{padding:1.1rem 1.15rem}}
`

const explorer = `
.tabs{margin:1.1rem 0 0;border-bottom:1px solid var(--line)}
.tabs ul{display:flex;flex-wrap:wrap;gap:0 1.5rem;list-style:none}
.tabs a{display:block;padding:.45rem 0;margin-bottom:-1px;border-bottom:2px solid transparent;color:var(--soft);text-decoration:none}
.tabs a:hover{color:var(--ink);border-color:var(--line)}
.tabs [aria-current]{color:var(--ink);border-color:var(--accent);font-weight:600}
.tabs~section>h2{margin-top:1.75rem}
.tabs~section~section>h2{margin-top:2.5rem}
time{color:var(--soft);font-size:.9rem;font-variant-numeric:tabular-nums}
.aside{color:var(--soft);font-size:.9rem}
.tree ul{list-style:none;margin-left:.3rem;padding-left:1.1rem;border-left:1px solid var(--line)}
.tree>ul{margin-left:0;padding-left:0;border-left:0}
.tree li{padding:.1rem 0;overflow-wrap:anywhere}
.tree summary{cursor:pointer}
.tree summary:hover .key{text-decoration:underline}
.key{color:var(--accent)}
.key::after{content:":"}
.class{color:var(--good)}
.history,.calls,.changes{list-style:none}
.history>li{position:relative;padding:0 0 1.15rem 1.7rem}
.history>li::before{content:"";position:absolute;left:0;top:.45rem;width:.8rem;height:.8rem;border-radius:50%;background:var(--accent)}
.history>li::after{content:"";position:absolute;left:.35rem;top:1.5rem;bottom:-.2rem;width:.1rem;background:var(--line)}
.history>li:last-child::after{display:none}
.history>.kind-genesis::before,.history>.kind-fork::before{background:var(--paper);border:.2rem solid var(--good)}
.history>.kind-upgrade::before{background:var(--warn);border-radius:.1rem;transform:rotate(45deg)}
.history>.kind-rollback::before{background:var(--bad);border-radius:.1rem}
.history>.kind-handover::before{background:var(--soft);border-radius:.1rem;transform:rotate(45deg)}
.history p{margin:.1rem 0}
.head{display:flex;flex-wrap:wrap;align-items:baseline;gap:0 .7rem}
.call,.result{overflow-wrap:anywhere}
.calls{display:grid;gap:.8rem}
.calls .card p{margin:.15rem 0}
.calls .result{color:var(--good)}
.changes>li{padding:.6rem 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
.changes p{margin:.15rem 0}
.path{font-weight:600}
.minus{color:var(--bad)}
.plus{color:var(--good)}
.trust-bad{color:var(--bad)}
.fine+.card,.fine+.calls{margin-top:.7rem}
.drawing{overflow-x:auto;margin:1rem calc(50% - min(50vw - 2rem,44rem))}
.drawing .graph{display:block;margin:0 auto}
.graph text{fill:var(--soft);font:12px var(--sans)}
.graph .name{fill:var(--ink);font-weight:600;font-size:13.5px}
.graph rect{fill:var(--card);stroke:var(--soft);stroke-width:1.5}
.graph .up rect{stroke:var(--good)}
.graph .up .state,.state-up{fill:var(--good);color:var(--good)}
.graph .down rect{stroke:var(--bad)}
.graph .down .state,.state-down{fill:var(--bad);color:var(--bad)}
.graph .root rect{stroke-width:3}
.graph .loose rect{stroke-dasharray:4 3}
.graph a:hover .name{text-decoration:underline}
.graph a .name{fill:var(--accent)}
.graph path{fill:none;stroke:var(--soft);stroke-width:1.5}
.graph .fork{stroke-dasharray:7 4}
.graph .code,.graph .npm{stroke-dasharray:2 3}
.graph .head{fill:var(--soft);stroke:none}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;list-style:none;color:var(--soft);font-size:.85rem}
.legend svg{vertical-align:middle;margin-right:.4rem}
.branch{list-style:none;font-size:.92rem}
.branch .branch{margin-left:.3rem;font-size:1em;padding-left:1.1rem;border-left:1px solid var(--line)}
.branch li{padding:.2rem 0;overflow-wrap:anywhere}
.pager{display:flex;flex-wrap:wrap;justify-content:space-between;gap:.3rem 1rem;margin-top:.5rem}
`

const paper = `
@media print{body{max-width:none}.skip,.trail,footer{display:none}.card,.face,.problem{break-inside:avoid}pre{white-space:pre-wrap}}
`

/** Minified by little more than the absence of comments: it travels with each page, about 9 KiB. */
export const stylesheet: string = [base, frame, pieces, prose, explorer, paper].map((part) => part.trim()).join('\n')
