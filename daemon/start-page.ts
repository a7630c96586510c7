/** Starts the page where the user asked for it, else on its usual port, else on any. */
import { DEFAULT_HTTP_PORT } from './node/constants.ts'
import { createPage, type Page, type PageComponents } from './page/page.ts'

/** @param port undefined: the usual one, or any free one if another program has it */
export async function startPage(
  components: PageComponents & { log: (line: string) => void },
  port: number | undefined,
): Promise<Page> {
  const page = createPage(components, { port: port ?? DEFAULT_HTTP_PORT })
  try {
    await page.start()
    return page
  } catch (error) {
    if (port !== undefined || (error as { code?: string }).code !== 'PORT_IN_USE') throw error
  }
  components.log(`port ${DEFAULT_HTTP_PORT} is taken: the page is on a free one`)
  const other = createPage(components, { port: 0 })
  await other.start()
  return other
}
