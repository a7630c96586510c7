import type { ClassicLevel } from 'classic-level'
import { createBookkeeping } from './bookkeeping.ts'
import { MAX_FORMAT_BYTES, STORE_FORMAT } from './constants.ts'
import type { Meta } from './database-types.ts'
import { StoreError } from './errors.ts'

/** Above all sublevels, whose keys begin with an exclamation mark: every format there will be finds it here. */
const KEY = 'format'

interface FormatRow {
  format: number
  /** the version of the program that wrote here last */
  program: string
}

/**
 * Reads which format a database has, and notes it in a new one. One from before formats were noted is taken for this one if its heads and
 * checkpoints can be read.
 *
 * @param program the version of this program, for whoever reads the row
 * @throws StoreError STORE_FORMAT_UNSUPPORTED, STORE_CORRUPT
 */
export const checkFormat = async (
  level: ClassicLevel<string, Uint8Array>,
  meta: Meta,
  program: string,
): Promise<void> => {
  const value = await level.get(KEY)
  const row = value && readRow(value)
  if (row && row.format !== STORE_FORMAT) throw unsupported(`version ${row.program}`, `format ${row.format}`)
  if (!row && !(await isLegible(meta))) throw unsupported('a version that noted no format', 'another format')
  if (row?.program === program) return
  const written: FormatRow = { format: STORE_FORMAT, program }
  await level.put(KEY, Buffer.from(JSON.stringify(written)), { sync: true })
}

const readRow = (value: Uint8Array): FormatRow => {
  try {
    if (value.length > MAX_FORMAT_BYTES) throw new RangeError('too long')
    const { format, program } = JSON.parse(Buffer.from(value).toString()) as Partial<FormatRow>
    if (Number.isSafeInteger(format) && typeof program === 'string' && /^[\w.+-]+$/.test(program))
      return { format: format!, program }
  } catch {
    // said below
  }
  throw new StoreError('STORE_CORRUPT', 'The row that names the format of the data folder is damaged.')
}

const isLegible = async (meta: Meta): Promise<boolean> => {
  const { heads, checkpoints } = createBookkeeping(meta)
  try {
    for await (const _ of heads());
    for await (const _ of checkpoints());
    return true
  } catch (error) {
    if (error instanceof StoreError && error.code === 'STORE_CORRUPT') return false
    throw error
  }
}

const unsupported = (writer: string, format: string): StoreError =>
  new StoreError(
    'STORE_FORMAT_UNSUPPORTED',
    `The data folder was written by ${writer}, in ${format}: this version reads format ${STORE_FORMAT} only.`,
  )
