import assert from 'node:assert/strict'
import type { Browser, BrowserContext, Page as Tab } from 'playwright-core'
import { createPage, type Page } from '../../daemon/page/page.ts'
import { startChromium } from '../support/chromium.ts'
import { commit, createFakeSource, PEER_ID } from './fake-source.ts'

const COMMIT = `/chess/-/commit/${commit.commit}`

const HOSTILE = `# Hello
<script>document.title = 'owned'</script>
<img src="https://evil.example/pixel.png" onerror="document.title='owned'">
![pixel](https://evil.example/pixel.png) [x](javascript:document.title='owned')

| a | b |
| :-: | --: |
| ${'wide '.repeat(30)} | ${'x'.repeat(300)} |

\`\`\`
${'long '.repeat(100)}
\`\`\`
`

describe('page: in a browser', function () {
  this.timeout(60_000)
  let browser: Browser
  let page: Page
  let origin: string

  before(async () => {
    page = createPage(
      {
        source: createFakeSource({
          render: async (_name, path) =>
            path === '/hostile' ? HOSTILE : `# Hello\n\nYou are at **${path}**. [On](on).`,
        }),
      },
      { port: 0 },
    )
    await page.start()
    origin = `http://${PEER_ID.toLowerCase()}.amigos.localhost:${new URL(page.url).port}`
    browser = await startChromium()
  })

  after(async () => {
    await browser?.close()
    await page?.stop()
  })

  /** Opens a tab, and checks at the end that nothing was complained about and nothing left the origin. */
  async function withTab(
    options: Parameters<Browser['newContext']>[0],
    use: (tab: Tab) => Promise<void>,
  ): Promise<void> {
    const context: BrowserContext = await browser.newContext(options)
    try {
      const tab = await context.newPage()
      const complaints: string[] = []
      const elsewhere: string[] = []
      tab.on('console', (message) => complaints.push(message.text()))
      tab.on('pageerror', (error) => complaints.push(error.message))
      tab.on('requestfailed', (request) => {
        // the icon of a page that was left before it came
        if (request.failure()?.errorText !== 'net::ERR_ABORTED') complaints.push(request.url())
      })
      tab.on('response', (response) => {
        if (response.status() !== 200) complaints.push(`${response.status()} ${response.url()}`)
      })
      tab.on('request', (request) => {
        if (new URL(request.url()).origin !== origin) elsewhere.push(request.url())
      })
      await use(tab)
      assert.deepEqual(complaints, [])
      assert.deepEqual(elsewhere, [])
    } finally {
      await context.close()
    }
  }

  it('works without a script: from the node to a service and on', () =>
    withTab({ javaScriptEnabled: false }, async (tab) => {
      const response = await tab.goto(`http://${PEER_ID}.amigos.localhost:${new URL(page.url).port}`)
      assert.equal(response?.status(), 200)
      assert.equal(await tab.getByRole('heading', { level: 1 }).innerText(), 'alice')
      assert.ok(await tab.getByText(PEER_ID, { exact: true }).first().isVisible())
      await tab.getByRole('link', { name: 'guestbook' }).click()
      await tab.getByRole('heading', { level: 1, name: 'guestbook' }).waitFor()
      assert.equal(tab.url(), `${origin}/guestbook/`)
      await tab.getByRole('link', { name: 'On', exact: true }).click()
      await tab.getByText('You are at /on.').waitFor()
      await tab.getByRole('link', { name: 'Functions', exact: true }).click()
      await tab.getByText("amigo call local.land/_/guestbook sign 'name' 'text'").waitFor()
      await tab.getByRole('link', { name: 'State', exact: true }).click()
      assert.equal(await tab.getByText('"Hola a todos"').isVisible(), false, 'what is deep begins folded')
      assert.ok(await tab.locator('.key', { hasText: 'Björn' }).isVisible())
      await tab.locator('summary', { hasText: 'Entry' }).first().click()
      await tab.getByText('"Hola a todos"').waitFor()
      await tab.getByRole('link', { name: 'History', exact: true }).click()
      await tab.getByText('sign("Ana", "Hola a todos")').waitFor()
      await tab.locator('.history a').first().click()
      await tab.getByRole('heading', { level: 2, name: 'Commit 42' }).waitFor()
      await tab.getByText('/entries/1').waitFor()
      await tab.getByRole('link', { name: 'Graph', exact: true }).click()
      await tab.getByText('forum 1.2.0', { exact: true }).waitFor()
      await tab.locator('.drawing a', { hasText: 'chess' }).click()
      await tab.getByRole('heading', { level: 1, name: 'chess' }).waitFor()
      assert.equal(tab.url(), `${origin}/chess/-/graph`)
      await tab.getByRole('link', { name: 'amigos', exact: true }).click()
      await tab.getByRole('heading', { level: 2, name: 'Services' }).waitFor()
    }))

  it('runs no script of a contract and loads nothing for it, even where scripts are on', () =>
    withTab({ javaScriptEnabled: true }, async (tab) => {
      await tab.goto(`${origin}/guestbook/hostile`)
      assert.match(await tab.title(), /^hostile · guestbook/)
      assert.ok(await tab.getByText("<script>document.title = 'owned'</script>").isVisible())
      assert.equal(await tab.locator('script, img, iframe, object, embed, form, [onerror], [style]').count(), 0)
    }))

  for (const [width, colorScheme] of [
    [320, 'light'],
    [375, 'dark'],
    [1000, 'dark'],
  ] as const) {
    it(`fits ${width} pixels, ${colorScheme}, whatever the contract shows`, () =>
      withTab({ viewport: { width, height: 800 }, colorScheme }, async (tab) => {
        for (const path of [
          '/',
          '/guestbook/hostile',
          '/chess/-/functions',
          '/chess/-/state',
          '/chess/-/history',
          '/guestbook/-/graph',
          COMMIT,
        ]) {
          await tab.goto(origin + path)
          assert.equal(await tab.evaluate('document.documentElement.scrollWidth'), width)
        }
        const ground = await tab.evaluate('getComputedStyle(document.body).backgroundColor')
        assert.equal(
          ground,
          colorScheme === 'dark' ? 'rgb(22, 21, 19)' : 'rgb(250, 247, 241)',
          'the style sheet is applied',
        )
      }))
  }

  it('draws what is down in another colour, and copies with another line', () =>
    withTab({ colorScheme: 'light' }, async (tab) => {
      await tab.goto(`${origin}/guestbook/-/graph`)
      const styles = (selector: string, property: string): Promise<string[]> =>
        tab.evaluate(`[...document.querySelectorAll('${selector}')].map((one) => getComputedStyle(one).${property})`)
      assert.deepEqual(new Set(await styles('.drawing .down rect', 'stroke')), new Set(['rgb(164, 38, 44)']))
      assert.deepEqual(new Set(await styles('.drawing .up rect', 'stroke')), new Set(['rgb(44, 106, 67)']))
      assert.deepEqual(await styles('.drawing path.fork', 'strokeDasharray'), ['7px, 4px'])
      assert.equal((await styles('.drawing path.live', 'strokeDasharray'))[0], 'none')
    }))

  it('leads a keyboard to the content first', () =>
    withTab({ javaScriptEnabled: true }, async (tab) => {
      await tab.goto(origin)
      await tab.keyboard.press('Tab')
      assert.equal(await tab.evaluate('document.activeElement.textContent'), 'Skip to the content')
      await tab.keyboard.press('Enter')
      assert.equal(await tab.evaluate('document.activeElement.id'), 'main')
    }))

  it('cannot be read by another site', async () => {
    const context = await browser.newContext()
    try {
      const tab = await context.newPage()
      await tab.goto('data:text/html,<p>another site')
      const read = await tab.evaluate(
        (url) =>
          fetch(url).then(
            () => 'read',
            () => 'refused',
          ),
        `${origin}/`,
      )
      assert.equal(read, 'refused')
    } finally {
      await context.close()
    }
  })
})
