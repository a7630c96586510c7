/** `npm run bench [-- AREA...]`: runs the benchmarks of the areas that begin so, or of all, each in a process of its own. */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'

const areas = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && file !== basename(import.meta.filename))
  .map((file) => file.slice(0, -'.ts'.length))
const flags = process.argv.slice(2).filter((word) => word.startsWith('-'))
const wanted = process.argv.slice(2).filter((word) => !word.startsWith('-'))
const isMeant = (area: string): boolean => wanted.some((word) => area.startsWith(word))
const unknown = wanted.filter((word) => !areas.some((area) => area.startsWith(word)))
if (unknown.length > 0) {
  console.error(`There is no benchmark of ${unknown.join(', ')}.\nhint: there are ${areas.join(', ')}`)
  process.exit(2)
}
for (const area of wanted.length > 0 ? areas.filter(isMeant) : areas) {
  console.error(`\n${area}`)
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, `${area}.ts`), ...flags], {
    stdio: 'inherit',
  })
  if (status !== 0) process.exitCode = 1
}
