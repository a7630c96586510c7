/** One measure beside another that was taken in the same run. */
export interface Row {
  /** fixed, so that runs can be compared */
  name: string
  value: number
  unit: string
  /** what it is compared with */
  peer: string
  peerValue: number
}

/**
 * Takes the measures one after the other and prints them: a line each for people, or with `--json` among the process's arguments one
 * JSON object `{results: [{name, value, unit, peer, peerValue, ratio}]}` for programs; ratio = value / peerValue.
 */
export async function report(measures: Iterable<() => Promise<Row | Row[]>>): Promise<void> {
  const asJson = process.argv.includes('--json')
  const results: (Row & { ratio: number })[] = []
  for (const measure of measures) {
    for (const row of [await measure()].flat()) {
      const result = {
        ...row,
        value: rounded(row.value),
        peerValue: rounded(row.peerValue),
        ratio: rounded(row.value / row.peerValue),
      }
      results.push(result)
      if (!asJson) console.log(line(result))
    }
  }
  if (asJson) console.log(JSON.stringify({ results }))
}

const line = ({ name, value, unit, peer, peerValue, ratio }: Row & { ratio: number }): string =>
  `  ${name.padEnd(24)} ${`${value} ${unit}`.padStart(16)}   ${ratio} x ${peer} (${peerValue} ${unit})`

/** Four significant digits: no more is known. */
const rounded = (value: number): number => Number(value.toPrecision(4))
