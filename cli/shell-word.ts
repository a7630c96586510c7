/** What no shell takes for anything but itself. A `~` is left out, and a `=` in front: zsh reads more into them than others. */
const PLAIN = /^(?!=)[\w@%+=:,./-]+$/

/** A word as it is typed into sh, bash or zsh: in single quotes if it needs any. */
export function shellWord(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
