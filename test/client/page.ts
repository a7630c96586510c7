/** A program in a browser, for the tests: what they ask it to do stands on `window`. */
import { AmigoError, amigo, connect } from '../../client/browser.ts'

Object.assign(globalThis, { amigos: { AmigoError, amigo, connect } })
