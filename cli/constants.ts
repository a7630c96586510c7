/** All numbers of the command line. */

/** Columns for the names of commands, flags and arguments in the help. */
export const HELP_COLUMN = 26

/** How many flags are guessed from one letter. */
export const MAX_MEANT = 3

/** How many results of `call --batch` are awaited at one time. */
export const BATCH_IN_FLIGHT = 64

/** Longest line read from stdin, in bytes: a call's arguments or a chat message. */
export const MAX_LINE_BYTES: number = 1024 * 1024

/** Before a wait gets a progress line, and between its changes, in milliseconds. */
export const PROGRESS_AFTER_MS = 400
export const PROGRESS_EVERY_MS = 200

/** Columns of a progress bar. */
export const BAR_COLUMNS = 24

/** Calls of one commit that a history shows; the rest is counted. */
export const MAX_CALLS_SHOWN = 3

/** A value on one line: how many characters, items of each level and levels of it are shown. */
export const MAX_INLINE_CHARS = 72
export const MAX_INLINE_ITEMS = 8
export const MAX_INLINE_DEPTH = 4

/** Levels of a tree that are drawn: as deep as values nest, and what classes add. */
export const MAX_TREE_DEPTH = 128

/** Largest receipt that is read, in bytes: a commit of 1 MiB and a chunk of its calls, in base64, within a request. */
export const MAX_RECEIPT_BYTES: number = 24 * 1024 * 1024

/** Checkpoints that `prune` keeps if it is not told. */
export const USUAL_CHECKPOINTS = 10

/** Between two looks at the inbox while chatting, in milliseconds. */
export const CHAT_POLL_MS = 1_000

/** Messages shown again when a chat is opened. */
export const CHAT_CONTEXT = 10

/** Messages asked for in one look, and looks further back for those that came since the last: 1,000 in a second. */
export const CHAT_PAGE = 100
export const CHAT_PAGES = 10

/** How long a node may take to answer once it listens, in milliseconds. */
export const STATUS_MS = 2_000

/** Between two looks at a daemon that starts or stops, in milliseconds. */
export const DAEMON_POLL_MS = 50

/** Two interrupts within this time are one press: the terminal tells the whole process group, and the door passes it on. */
export const SAME_PRESS_MS = 400

/** A log larger than this becomes daemon.log.1 when the daemon is started in the background, in bytes. */
export const MAX_LOG_BYTES: number = 8 * 1024 * 1024

/** How much of the log is read to find out why a start failed, in bytes. */
export const LOG_TAIL_BYTES: number = 64 * 1024

/** What a pull may write. */
export const MAX_PULL_FILES = 4_096

/** Columns of the bars of a trace: with the names, the times and the peers, a row has 80. */
export const TIMELINE_COLUMNS = 24

/** Of the name of a span that is not known here, the most that is shown. */
export const MAX_SPAN_CHARS = 20

/** Largest file of a network that is read, in bytes: an invite, or a manifest as JSON. What is cut there is refused. */
export const MAX_NETWORK_FILE_BYTES: number = 16 * 1024
