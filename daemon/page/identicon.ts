import { createHash } from 'node:crypto'
import { html, type SafeHtml } from './html.ts'

/**
 * A small flower that belongs to an identifier: the same identifier always gives the same one, another one almost surely
 * another. Two rings of petals, their number, size and hue taken from the SHA-256 of the identifier. Decoration only: it is hidden
 * from screen readers, and nobody should trust a likeness.
 */
export function identicon(id: string): SafeHtml {
  const bytes = createHash('sha256').update(id.toWellFormed()).digest()
  const pick = (index: number, from: number, to: number): number => from + (bytes[index]! / 255) * (to - from)
  const hue = Math.round(pick(0, 0, 359))
  const second = (hue + Math.round(pick(1, 30, 150))) % 360
  const petals = 5 + (bytes[2]! % 4)
  const turn = Math.round(pick(3, 0, 180 / petals))
  const outer = ring(petals, turn, pick(4, 13, 17), pick(5, 5, 11), pick(6, 9, 14), `hsl(${hue} 62% 56%)`)
  const between = turn + 180 / petals
  const inner = ring(petals, between, pick(7, 8, 12), pick(8, 3, 6), pick(9, 5, 9), `hsl(${second} 68% 60%)`)
  const heart = pick(10, 3, 6).toFixed(1)
  return html`<svg xmlns="http://www.w3.org/2000/svg" class="identicon" viewBox="0 0 64 64" aria-hidden="true" focusable="false"><circle cx="32" cy="32" r="32" fill="${`hsl(${hue} 55% 88%)`}"/>${outer}${inner}<circle cx="32" cy="32" r="${heart}" fill="${`hsl(${hue} 45% 28%)`}"/></svg>`
}

function ring(petals: number, turn: number, distance: number, rx: number, ry: number, fill: string): SafeHtml[] {
  return Array.from({ length: petals }, (_, index) => {
    const angle = (turn + (index * 360) / petals).toFixed(1)
    const cy = (32 - distance).toFixed(1)
    return html`<ellipse cx="32" cy="${cy}" rx="${rx.toFixed(1)}" ry="${ry.toFixed(1)}" fill="${fill}" fill-opacity=".8" transform="rotate(${angle} 32 32)"/>`
  })
}
