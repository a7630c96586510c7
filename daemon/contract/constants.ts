/** Every bound of this folder. A contract that was compiled within them can be stored, pulled and decoded by any node. */

const KiB = 1024
const MiB = 1024 * KiB

/** name of the manifest in a contract's folder */
export const MANIFEST_FILE = 'amigo.yaml'
/** what `amigo import` found for the imports of a manifest, beside it */
export const LOCK_FILE = 'amigo.lock'
/** among the sources of a contract: what comes from others. On its author's disk it may be IMPORTS_FOLDER_ON_DISK */
export const IMPORTS_FOLDER = 'amigo-imports'
export const IMPORTS_FOLDER_ON_DISK = '.amigo'
/** template that `amigo init` takes when it is not told another */
export const DEFAULT_TEMPLATE = 'counter'
/** file of a template, among a handful */
export const MAX_TEMPLATE_FILES = 20

/** a manifest is a dozen lines */
export const MAX_MANIFEST_BYTES: number = 16 * KiB
/** one block: nothing larger travels between nodes */
export const MAX_SOURCE_BYTES: number = 1 * MiB
export const MAX_SOURCES_BYTES: number = 8 * MiB
export const MAX_SOURCES = 500
/** one block, and what an engine parses in well under a second */
export const MAX_MODULE_BYTES: number = 1 * MiB
/** manifest, interface and the list of sources */
export const MAX_ROOT_BYTES: number = 256 * KiB

export const MAX_NAME_LENGTH = 64
/** semver.org sets none; a record of the registry carries it */
export const MAX_VERSION_LENGTH = 64
export const MAX_DESCRIPTION_LENGTH = 1000
export const MAX_TAGS = 16
export const MAX_TAG_LENGTH = 32
/** Windows stops at 260 characters for a whole path */
export const MAX_PATH_LENGTH = 160

export const MAX_FUNCTIONS = 200
export const MAX_PARAMETERS = 32
export const MAX_DOC_LENGTH = 4000
/** of a type as its author wrote it */
export const MAX_TYPE_TEXT_LENGTH = 1000
export const MAX_IDENTIFIER_LENGTH = 100
/** of a field name or a literal in a type; what is longer becomes `any` or `string` */
export const MAX_LITERAL_LENGTH = 200
/** nesting of a type; what lies deeper is `any` */
export const MAX_TYPE_DEPTH = 12
/** nodes of all types of one function; what comes after them is `any`, so that aliases of aliases cannot explode */
export const MAX_TYPE_NODES = 500

/** depth of the root block: root, interface, function, params, parameter, then at most three levels per level of type */
export const MAX_ROOT_DEPTH: number = 5 + 3 * (MAX_TYPE_DEPTH + 2)
/** every item takes a byte at least; an honest root has one per five or so */
export const MAX_ROOT_ITEMS: number = 64 * KiB

/** levels of containers in an argument: the engine takes 64, of which the list of arguments is one */
export const MAX_VALUE_DEPTH = 63
/** decimal digits of a bigint, as in the engine */
export const MAX_BIGINT_DIGITS = 10_000
/** comparisons of a value with a type, per argument: under 0.1 s; the arguments that a call can carry need far fewer */
export const MAX_VALUE_STEPS = 1_000_000
/** of a value quoted in a message */
export const MAX_QUOTE_LENGTH = 40
/** of a message: a paragraph */
export const MAX_MESSAGE_LENGTH = 600
/** of a type in a message */
export const MAX_TYPE_QUOTE_LENGTH = 200
/** characters of a function's signature where two versions of it are shown: several lines of a terminal, and no page of it */
export const MAX_DIFF_LINE_LENGTH: number = 1_000
/** of one command-line word, before it is read as JSON */
export const MAX_WORD_LENGTH: number = 1 * MiB

/** more than this on one screen helps nobody */
export const MAX_PROBLEMS = 20
/** a contract of 8 MiB of sources takes about six seconds */
export const COMPILE_TIME_MS = 20_000
/** how long a compilation that is told to stop may clear up after itself */
export const STOP_TIME_MS = 500
/** heap of the thread that compiles; the syntax trees of 8 MiB of sources need about half of it */
export const COMPILE_HEAP_MB = 1024

/** of amigo.lock: under 1 KiB an import */
export const MAX_LOCK_BYTES: number = 64 * KiB
/** of the declarations of an import's types */
export const MAX_DECLARATIONS_BYTES: number = 256 * KiB
/** imports of a contract, of all modes */
export const MAX_IMPORTS = 64
/** networks that a contract's imports name: a node is on four others at a time */
export const MAX_NETWORKS = 4
/** npm packages and other contracts in one module */
export const MAX_BUNDLED = 200
/** npm takes no longer names */
export const MAX_PACKAGE_NAME_LENGTH = 214
/** of what a package.json says of its licence */
export const MAX_LICENSE_LENGTH = 100

/** Groups in the access of a manifest, and users in one of its lists: an access list is read for every call. */
export const MAX_GROUPS = 32
export const MAX_USERS = 256

/** Characters of the CID of a block, as text: CIDv1 of sha2-256 in base32 has 59. */
export const MAX_CID_LENGTH = 64
