/** Our own commands in our own sentences. */
const OUR_COMMAND = /(?<![\w./-])amigo (?=[a-z]+\b)/g

/** Says `npx amigo` for `amigo` to whoever started us through npm: in a checkout there is no `amigo` to type. */
export function ownWords(env: NodeJS.ProcessEnv): (sentence: string) => string {
  if (env['npm_command'] === undefined) return (sentence) => sentence
  return (sentence) => sentence.replace(OUR_COMMAND, 'npx amigo ')
}
