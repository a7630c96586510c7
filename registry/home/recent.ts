/** When something last happened to each of so many users or nodes; the one that was noted longest ago is forgotten first. */
export interface Recent {
  note(who: string, time: number): void
  at(who: string): number | undefined
}

export function createRecent(most: number): Recent {
  const times = new Map<string, number>()
  return {
    note(who, time) {
      times.delete(who)
      times.set(who, time)
      if (times.size > most) times.delete(times.keys().next().value!)
    },
    at: (who) => times.get(who),
  }
}
