/** Every number of the page server, each with its reason. See specs/page.md. */

/** Longest request target, in bytes: a service name, a path of 1024 bytes percent-escaped in part, and a query that is ignored. */
export const MAX_TARGET_BYTES: number = 4096
/** Request line and headers together, in bytes: twice what browsers send to an origin without cookies. */
export const MAX_HEADER_BYTES: number = 8192
/** Header lines that are looked at. */
export const MAX_HEADERS: number = 64
/** Longest path handed to `render`, in bytes of UTF-8. */
export const MAX_PATH_BYTES: number = 1024
/** Most segments in such a path. */
export const MAX_PATH_SEGMENTS: number = 32

/** Open connections per listener: a browser opens six per origin. */
export const MAX_CONNECTIONS: number = 64
/** Requests being answered at once; pipelining can put several on one connection. */
export const MAX_REQUESTS: number = 64
/** Requests on one connection before it is closed. */
export const MAX_REQUESTS_PER_CONNECTION: number = 256
/** The whole of the headers has to arrive in this time. */
export const HEADERS_MS: number = 5_000
/** The whole request has to arrive in this time. */
export const REQUEST_MS: number = 10_000
/** How often Node looks for connections that broke the two limits above. */
export const CHECK_MS: number = 1_000
/** An idle connection is kept this long for the next click. */
export const KEEP_ALIVE_MS: number = 5_000
/** A connection on which nothing moves, in either direction, is ended after this time. */
export const SILENCE_MS: number = 30_000
/** With port 0, ports tried until one is free on 127.0.0.1 and ::1 alike. */
export const PORT_ATTEMPTS: number = 8

/** How long the daemon may take to describe itself: it answers from memory. */
export const SOURCE_MS: number = 5_000
/** How long state, history or a commit may take: a service may have to be opened, and two states compared. */
export const EXPLORE_MS: number = 15_000
/** How long a contract may take for `render`; the VM has its own, stricter limits. */
export const RENDER_MS: number = 5_000
/** How long one text may take from Markdown to HTML: 1 MiB of the worst known input takes 1 s on two shared cores. */
export const MARKDOWN_MS: number = 3_000
/** Markdown waiting or being rendered. */
export const MAX_MARKDOWN_JOBS: number = 32
/** Largest Markdown, in bytes of UTF-8. */
export const MAX_MARKDOWN_BYTES: number = 1 << 20
/** Largest HTML made of it, in characters: escaping makes at most 6 of 1, markup of lists and tables about 8. */
export const MAX_HTML_LENGTH: number = 8 << 20
/** Deepest nesting of quotes, lists and emphasis; what is deeper is dropped. */
export const MAX_MARKDOWN_NESTING: number = 20
/** Longest link target, in characters. */
export const MAX_LINK_LENGTH: number = 2048
/** All link targets of one text together, in characters: reference links would let 1 MiB of Markdown grow to gigabytes. */
export const MAX_LINKS_LENGTH: number = 1 << 20
/** Longest anchor made of a heading, in characters. */
export const MAX_ANCHOR_LENGTH: number = 64
/** Memory of the Markdown worker, in MiB. */
export const MARKDOWN_HEAP_MIB: number = 256

/** Services, peers, addresses and functions shown; the rest is counted. */
export const MAX_ROWS: number = 200
/** Commits on one page of the history, and calls shown of each; the rest is counted. */
export const MAX_HISTORY_ROWS: number = 100
export const MAX_CALLS_SHOWN: number = 4
/** Parts of a state that are drawn, each about 100 bytes of HTML; the rest is counted. */
export const MAX_TREE_NODES: number = 5_000
/** How deep a state is drawn: values nest no deeper, and classes add some. */
export const MAX_TREE_DEPTH: number = 128
/** What has more parts than this begins folded. */
export const MAX_TREE_OPEN: number = 50
/** A value on one line: items of each level, and levels. */
export const MAX_INLINE_ITEMS: number = 12
export const MAX_INLINE_DEPTH: number = 4
/** Longest identifier shown: CIDs, peer IDs, addresses. */
export const MAX_ID_LENGTH: number = 256
/** Longest line of text shown: descriptions, signatures, messages of errors. */
export const MAX_LINE_LENGTH: number = 500
/** Longest doc comment shown. */
export const MAX_DOC_LENGTH: number = 4000
/** Things that are drawn of a graph; all are in the list below it. */
export const MAX_GRAPH_NODES: number = 80
/** A box of the drawing, and the room between two of them, in pixels of CSS. */
export const GRAPH_BOX: { readonly width: number; readonly height: number } = { width: 168, height: 62 }
export const GRAPH_GAP: { readonly x: number; readonly y: number } = { x: 56, y: 18 }
/** Longest line in a box, in characters. */
export const MAX_BOX_CHARS: number = 24
