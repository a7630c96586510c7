/** The colours of Amigos, once for light and once for dark. A test holds every pair of text and ground to WCAG AA. */

export type Colour = 'paper' | 'card' | 'code' | 'line' | 'ink' | 'soft' | 'accent' | 'good' | 'warn' | 'bad'

export type Palette = Readonly<Record<Colour, string>>

export const light: Palette = {
  paper: '#faf7f1',
  card: '#fffefb',
  code: '#f3ede2',
  line: '#e3dbcb',
  ink: '#2a2620',
  soft: '#665e50',
  accent: '#a23e1c',
  good: '#2c6a43',
  warn: '#80560a',
  bad: '#a4262c',
}

export const dark: Palette = {
  paper: '#161513',
  card: '#1e1c19',
  code: '#292622',
  line: '#38342e',
  ink: '#ece6da',
  soft: '#b0a797',
  accent: '#f2a27e',
  good: '#8fcfa3',
  warn: '#e5bc6c',
  bad: '#f59c95',
}

/** The palette as CSS custom properties: `--ink:#2a2620;...`. */
export function customProperties(palette: Palette): string {
  return Object.entries(palette)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';')
}
