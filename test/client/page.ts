/** A program in a browser, for the tests: what they ask it to do stands on `window`. */
import { AmigoError, amigo, connect } from 'amigos/client'

Object.assign(globalThis, { amigos: { AmigoError, amigo, connect } })
